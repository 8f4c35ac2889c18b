/** keepalived.conf for one master: VRRP version 3, unicast, eligibility by a file that the watcher writes. */

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
  readonly trackFile: string;
}

export function keepalivedConfig(input: KeepalivedInput): string {
  const peers = input.peers.map((peer) => `        ${peer}\n`).join('');
  return `# Written by trivet: changes are overwritten by the next trivet up.
global_defs {
    router_id ${input.name}
    # Sub-second adverts need version 3, which has no passwords: peers are named one by one instead.
    vrrp_version 3
    vrrp_check_unicast_src
    vrrp_priority -15
    vrrp_no_swap
    # A master that hears a lower one says again whose address it is.
    vrrp_garp_lower_prio_repeat 2
    vrrp_garp_master_repeat 3
    vrrp_garp_master_delay 1
}

# -254 takes the instance out (FAULT), 0 lets it in. A file and not a script: scripts run once a second at most.
vrrp_track_file serves {
    file "${input.trackFile}"
    weight 1
    init_file -254
}

vrrp_instance trivet {
    # Every master starts as BACKUP: no two claim the address at boot, and nopreempt needs it.
    state BACKUP
${input.preempt ? '' : '    nopreempt\n'}    interface ${input.interface}
    virtual_router_id ${input.virtualRouterId}
    priority ${input.priority}
    advert_int ${input.advertSeconds}
    unicast_src_ip ${input.address}
    unicast_peer {
${peers}    }
    track_file {
        serves
    }
    # /32: the address answers, but never becomes the source of this machine's own connections.
    virtual_ipaddress {
        ${input.vip}/32 dev ${input.interface}
    }
}
`;
}
