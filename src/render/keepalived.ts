/** keepalived.conf for one machine: VRRP version 3, eligibility by a file that the watcher writes. */

export interface KeepalivedInput {
  readonly name: string;
  readonly address: string;
  readonly peers: readonly string[];
  readonly vip: string;
  readonly interface: string;
  readonly virtualRouterId: number;
  /** 1–254. Steps between masters decide how far apart their elections start. */
  readonly priority: number;
  readonly advertSeconds: number;
  readonly preempt: boolean;
  /** Adverts to 224.0.0.18 instead of to each peer. */
  readonly multicast: boolean;
  /** undefined: the machine being up is enough. */
  readonly trackFile: string | undefined;
  /** Further blocks: LVS. */
  readonly virtualServers: string;
}

export function keepalivedConfig(input: KeepalivedInput): string {
  return `# Written by trivet: changes are overwritten by the next trivet up.
global_defs {
    router_id ${input.name}
    # Sub-second adverts need version 3, which has no passwords: peers are named one by one instead.
    vrrp_version 3
${input.multicast ? '' : '    vrrp_check_unicast_src\n'}    vrrp_priority -15
    vrrp_no_swap
    # A machine that hears a lower one says again whose address it is.
    vrrp_garp_lower_prio_repeat 2
    vrrp_garp_master_repeat 3
    vrrp_garp_master_delay 1
    # After a network that was split, the one that gives way says nothing, and its peers send to it for up to a minute.
    vrrp_garp_master_refresh 1
    vrrp_garp_master_refresh_repeat 1
}

${input.trackFile === undefined ? '' : trackBlock(input.trackFile)}vrrp_instance trivet {
    # Every machine starts as BACKUP: no two claim the address at boot, and nopreempt needs it.
    state BACKUP
${input.preempt ? '' : '    nopreempt\n'}    interface ${input.interface}
    virtual_router_id ${input.virtualRouterId}
    priority ${input.priority}
    advert_int ${input.advertSeconds}
${input.multicast || input.peers.length === 0 ? '' : unicast(input)}${input.trackFile === undefined ? '' : '    track_file {\n        serves\n    }\n'}    # /32: the address answers, but never becomes the source of this machine's own connections.
    virtual_ipaddress {
        ${input.vip}/32 dev ${input.interface}
    }
}
${input.virtualServers}`;
}

function trackBlock(path: string): string {
  return `# -254 takes the instance out (FAULT), -253 lets every other go before, 0 lets it in. A file and not a script: scripts run once a second at most.
track_file serves {
    file "${path}"
    weight 1
    init_file -254
}

`;
}

function unicast({ address, peers }: KeepalivedInput): string {
  return `    unicast_src_ip ${address}
    unicast_peer {
${peers.map((peer) => `        ${peer}\n`).join('')}    }
`;
}
