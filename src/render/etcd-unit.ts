/** The systemd unit of a member of an external etcd. */

import { etcdConfigPath, etcdDataDirectory, etcdUser } from './etcd-paths.ts';

export function etcdServiceUnit(): string {
  return `# Written by trivet.
[Unit]
Description=trivet: a member of the cluster's etcd
Wants=network-online.target
After=network-online.target
Before=kubelet.service
StartLimitIntervalSec=0

[Service]
# Not notify: etcd is ready once it has a quorum, and the first of three members would wait for the others.
Type=exec
User=${etcdUser}
Group=${etcdUser}
ExecStart=/usr/local/bin/etcd --config-file=${etcdConfigPath}
Restart=always
RestartSec=200ms
TimeoutStopSec=20s
LimitNOFILE=65536
# A late heartbeat is an election.
Nice=-10
IOSchedulingClass=best-effort
IOSchedulingPriority=0
OOMScoreAdjust=-900
UMask=0077
CapabilityBoundingSet=
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${etcdDataDirectory}
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
`;
}
