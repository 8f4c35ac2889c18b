/** The systemd unit of a watcher beside etcd: before the kubelet, again whenever it ends, allowed the network's filters and sockets alone. */

export interface WatcherUnitInput {
  readonly description: string;
  readonly program: string;
  /** What takes back its traces, however it ends; undefined: it leaves none. */
  readonly afterwards?: string;
}

export function watcherUnit({ description, program, afterwards }: WatcherUnitInput): string {
  return `# Written by trivet.
[Unit]
Description=trivet: ${description}
Before=kubelet.service
StartLimitIntervalSec=0

[Service]
ExecStart=${program}
${afterwards === undefined ? '' : `ExecStopPost=-${afterwards}\n`}Restart=always
RestartSec=200ms
OOMScoreAdjust=-900
CapabilityBoundingSet=CAP_NET_ADMIN
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
`;
}
