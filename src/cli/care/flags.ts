/** Every flag of `trivet care`: reading, help and reference are made from this one table. lvscare's keep lvscare's names. */

export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** Placeholder of its value in the help; undefined: it is on or off. */
  readonly value?: string;
  /** May be repeated; commas separate too. */
  readonly list?: true;
  /** What it means. Its default, where it has one, and where that is not lvscare's, last. */
  readonly help: string;
  /** lvscare has it too. */
  readonly lvscare?: true;
}

export interface FlagGroup {
  readonly title: string;
  readonly flags: readonly Flag[];
}

export const flagGroups: readonly FlagGroup[] = [
  {
    title: 'What is kept alive',
    flags: [
      { name: 'vs', value: 'IP:PORT', lvscare: true, help: 'the virtual server; [IPv6]:PORT for IPv6' },
      { name: 'rs', value: 'IP:PORT', list: true, lvscare: true, help: 'a backend (real server); repeat it, or separate by commas' },
      {
        name: 'backend',
        value: 'KIND',
        help: 'what carries the connections: nft, ipvs or proxy (this process). Default: auto, the first of these that the machine can do',
      },
      {
        name: 'scheduler',
        value: 'NAME',
        lvscare: true,
        help: 'rr, lc, dh, sh, wrr or wlc; with nft and proxy all of them are rr. Default: rr',
      },
      { name: 'no-prefer-local', help: "do not prefer this machine's own backend while it is UP" },
    ],
  },
  {
    title: 'How the address is there',
    flags: [
      {
        name: 'mode',
        value: 'MODE',
        lvscare: true,
        help: "route: a route to the address, with the node's own address as source. link: the address on a dummy interface, with masquerade. Default: route",
      },
      { name: 'iface', short: 'i', value: 'NAME', lvscare: true, help: 'the interface of --mode link. Default: lvscare' },
      {
        name: 'ip',
        value: 'IP',
        lvscare: true,
        help: "the node's own address, for --mode route. Default: as the kernel chooses towards the backends (lvscare: lvscare.node.ip in /etc/hosts)",
      },
      { name: 'masqueradebit', value: 'BIT', lvscare: true, help: 'the bit that marks connections to be masqueraded, 0 to 31. Default: 0' },
    ],
  },
  {
    title: 'How backends are asked',
    flags: [
      {
        name: 'interval',
        value: 'TIME',
        lvscare: true,
        help: 'between two looks at a backend that is well: seconds, or a duration as 200ms. Default: 200ms (lvscare: 5s)',
      },
      { name: 'health-schem', value: 'SCHEME', lvscare: true, help: 'https, http, or tcp: a connection is enough. Default: https' },
      {
        name: 'health-path',
        value: 'PATH',
        lvscare: true,
        help: "Default: with https /readyz without its etcd parts, as the loss of etcd's leader must not take out all masters (one that was out must show etcd too while another serves); with http /healthz (lvscare: always /healthz)",
      },
      { name: 'health-req-method', value: 'METHOD', lvscare: true, help: 'Default: GET' },
      { name: 'health-req-body', value: 'TEXT', lvscare: true, help: 'body of the request. Default: none' },
      { name: 'health-req-headers', value: 'NAME=VALUE', list: true, lvscare: true, help: 'headers of the request, NAME=VALUE,NAME=VALUE' },
      {
        name: 'health-status',
        value: 'CODE',
        list: true,
        lvscare: true,
        help: 'further status codes that mean well. Default: those below 400, and 401 and 403 (lvscare: only those below 400)',
      },
      {
        name: 'health-insecure-skip-verify',
        lvscare: true,
        help: "do not verify the backends' certificates. Default: they are verified as soon as --ca-file exists (lvscare: they are not)",
      },
      { name: 'health-timeout', value: 'TIME', lvscare: true, help: 'of one whole question. Default: 1s (lvscare: 10s)' },
      { name: 'health-server-name', value: 'NAME', help: "the name in the backends' certificates. Default: each one's own IP" },
      { name: 'ca-file', value: 'FILE', help: "PEM file of the backends' CA. Default: /etc/kubernetes/pki/ca.crt" },
    ],
  },
  {
    title: 'Masters that join or leave',
    flags: [
      { name: 'discover', help: 'follow the members of the Kubernetes API (EndpointSlice default/kubernetes). Default: only --rs' },
      { name: 'kubeconfig', value: 'FILE', help: 'credentials for --discover, and turns it on. Default: /etc/kubernetes/kubelet.conf' },
    ],
  },
  {
    title: 'What it shows and keeps',
    flags: [
      { name: 'logger', value: 'LEVEL', lvscare: true, help: "debug, info, warn or error; lvscare's DEBG and INFO too. Default: info" },
      { name: 'socket', value: 'FILE', help: 'unix socket of status, metrics and health. Default: /run/trivet-care/care.sock' },
      { name: 'metrics', value: 'IP:PORT', help: 'metrics and /healthz on this loopback address too. Default: not' },
      { name: 'state-directory', value: 'DIR', help: 'the last good list of members. Default: /var/lib/trivet-care' },
      {
        name: 'track-file',
        value: 'FILE',
        help: "also write keepalived's track_file from the health of this machine's own backend. Default: not",
      },
      { name: 'config', value: 'FILE', help: 'a JSON object whose names are these flags without dashes: {"vs": "…", "rs": ["…"]}' },
    ],
  },
  {
    title: 'Something else than guarding',
    flags: [
      { name: 'run-once', lvscare: true, help: 'look once, put the rules in place and end: for use before a join' },
      { name: 'clean', short: 'C', lvscare: true, help: 'remove what care put on this machine for --vs, and end' },
      { name: 'print-unit', help: 'print a systemd unit that runs care with these flags' },
      { name: 'print-static-pod', help: 'print a static pod that runs care with these flags' },
      { name: 'help', short: 'h', help: 'this text' },
    ],
  },
];

export const flags: readonly Flag[] = flagGroups.flatMap((group) => group.flags);

/** CARE_HEALTH_PATH of health-path, as lvscare has it. */
export function environmentName(flag: string): string {
  return `CARE_${flag.toUpperCase().replaceAll('-', '_')}`;
}
