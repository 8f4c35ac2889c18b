/** systemd's unit files. */

import { clientGoTimeouts } from './client-go-timeouts.ts';
import { vrrpFilterTable } from './vrrp-filter.ts';

/** sha256sum's line about the file that the running nginx has taken up. */
export const nginxTakenUp = '/run/trivet-balancer/taken-up';

/** The kubelet's unit. It restarts at once: kubeadm's ten seconds would make every crash a failover. */
export function kubeletUnit(): string {
  return `# Written by trivet.
[Unit]
Description=kubelet: the Kubernetes node agent
Wants=network-online.target
After=network-online.target containerd.service

[Service]
ExecStart=/usr/local/bin/kubelet
Restart=always
RestartSec=200ms
StartLimitIntervalSec=0

[Install]
WantedBy=multi-user.target
`;
}

/**
 * How kubeadm tells the kubelet its flags; the same as in kubeadm's own packages. And client-go's own watch over its connections:
 * nobody can reset an idle one from outside when the machine that held the address is gone.
 */
export function kubeletDropIn(): string {
  return `# Written by trivet.
[Service]
${clientGoTimeouts.map(({ name, value }) => `Environment=${name}=${value}`).join('\n')}
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/local/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`;
}

/** Keeps the watcher running beside keepalived: whoever starts keepalived has a watcher, before it. */
export function vipWatchUnit(program: string): string {
  return `# Written by trivet.
[Unit]
Description=trivet: decides whether this machine may hold the cluster's address
Before=keepalived.service
StartLimitIntervalSec=0

[Service]
ExecStart=${program}
Restart=always
RestartSec=200ms
Nice=-10
OOMScoreAdjust=-900
RuntimeDirectory=trivet-vip
RuntimeDirectoryPreserve=yes

[Install]
WantedBy=multi-user.target
# Not required by it: a restart of the watcher must not restart keepalived.
WantedBy=keepalived.service
`;
}

/** keepalived's adverts must not wait behind a busy apiserver. */
export function keepalivedDropIn(): string {
  return `# Written by trivet.
[Unit]
After=trivet-vip-watch.service

[Service]
Restart=always
RestartSec=500ms
OOMScoreAdjust=-900
`;
}

/** Routes to the other machines' pods, set anew at every boot and on every change of the file. */
export function podRoutesUnit(program: string): string {
  return `# Written by trivet.
[Unit]
Description=trivet: routes to the pods of the other machines
After=network-online.target
Wants=network-online.target
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${program} up
ExecStop=${program} down

[Install]
WantedBy=multi-user.target
`;
}

export interface BalancerUnitInput {
  readonly program: 'haproxy' | 'nginx';
  readonly configPath: string;
}

/** A unit of our own: the distribution's haproxy.service or nginx.service may be the user's. */
export function balancerUnit({ program, configPath }: BalancerUnitInput): string {
  return `# Written by trivet.
[Unit]
Description=trivet: balances connections over the apiservers
After=network.target
Before=kubelet.service keepalived.service
StartLimitIntervalSec=0

[Service]
${program === 'haproxy' ? haproxyService(configPath) : nginxService(configPath)}RuntimeDirectory=trivet-balancer
LimitNOFILE=65536
KillMode=mixed
TimeoutStopSec=15
Restart=always
RestartSec=200ms
Nice=-10
OOMScoreAdjust=-900
# Root starts it, and sockets are all that it may open; what speaks to the network is another user in the same cage.
CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_SYS_CHROOT CAP_KILL CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictSUIDSGID=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
`;
}

function haproxyService(configPath: string): string {
  return `Type=notify
ExecStartPre=/usr/sbin/haproxy -c -q -f ${configPath}
ExecStart=/usr/sbin/haproxy -Ws -f ${configPath} -p /run/trivet-balancer/haproxy.pid
ExecReload=/usr/sbin/haproxy -c -q -f ${configPath}
ExecReload=/bin/kill -USR2 $MAINPID
SuccessExitStatus=143
`;
}

/** Which file a running nginx has taken up it cannot be asked: its digest is noted with every start and reload. */
function nginxService(configPath: string): string {
  const check = `/usr/sbin/nginx -t -q -e stderr -c ${configPath}`;
  const note = `/bin/sh -c 'sha256sum ${configPath} > ${nginxTakenUp}'`;
  return `ExecStartPre=${check}
ExecStartPre=${note}
ExecStart=/usr/sbin/nginx -e stderr -c ${configPath} -g 'daemon off;'
ExecReload=${check}
ExecReload=/bin/kill -HUP $MAINPID
ExecReload=${note}
`;
}

/** Lets VRRP adverts of the cluster's router id in from the other machines alone. It lasts longer than keepalived, whose adverts it guards. */
export function vrrpFilterUnit(rules: string): string {
  return `# Written by trivet.
[Unit]
Description=trivet: VRRP only from the machines among which the address moves
DefaultDependencies=no
After=local-fs.target nftables.service
Before=network.target keepalived.service
# nftables.service begins with an empty ruleset: ours comes back after it.
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${rules}
ExecReload=/usr/sbin/nft -f ${rules}
ExecStop=/usr/sbin/nft delete table inet ${vrrpFilterTable}

[Install]
WantedBy=multi-user.target
WantedBy=keepalived.service
`;
}

/** The kernel's part of LVS: in place before keepalived adds its virtual server. */
export function lvsUnit(program: string, table: string): string {
  return `# Written by trivet.
[Unit]
Description=trivet: prepares the kernel for the virtual server of the cluster's address
After=network.target
Before=keepalived.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${program}
ExecStop=-/usr/sbin/nft delete table ip ${table}

[Install]
WantedBy=multi-user.target
`;
}
