#!/bin/sh
# The same cluster by hand, one machine after another: the peer of `trivet up` in bring-up.ts.
# usage: by-hand.sh FOLDER   (written by bring-up.ts: texts, lists and commands as trivet plans them; run inside the lab's network)
set -eu
cd "$1"
all=$(cut -d ' ' -f 1 hosts)
first=${all%%
*}
kubectl='kubectl --kubeconfig /etc/kubernetes/admin.conf'

on() { host=$1; shift; ssh -F ssh_config "$host" "$@"; }

# send HOST FOLDER: puts it under /root/by-hand/ there.
send() { tar -C "$1" -cf - "$2" | on "$1" 'mkdir -p /root/by-hand && tar -C /root/by-hand -xf -'; }

# run HOST FOLDER COMMAND: in that folder, its output in a log there; the log's end is shown when it fails.
run() {
  on "$1" "cd /root/by-hand/$2 && { $3; } > log 2>&1 || { tail -n 30 log >&2; exit 1; }" < /dev/null
}

for host in $all; do
  echo "$host: upload, packages, programs, containerd, images, keepalived"
  while IFS='	' read -r source path mode; do
    on "$host" "mkdir -p '${path%/*}' && cat > '$path' && chmod $mode '$path'" < "$source"
  done < "$host/uploads"
  send "$host" prepare
  run "$host" prepare 'sh run.sh'
done

echo "$first: kubeadm init"
send "$first" init
run "$first" init 'kubeadm init --config kubeadm.yaml --upload-certs --skip-token-print'
key=$(on "$first" "grep -oE '^[0-9a-f]{64}$' /root/by-hand/init/log")
join=$(on "$first" 'kubeadm token create --print-join-command --kubeconfig /etc/kubernetes/admin.conf')
token=${join#*--token }
token=${token%% *}
hash=${join#*--discovery-token-ca-cert-hash }
hash=${hash%% *}

for host in $all; do
  [ "$host" != "$first" ] || continue
  echo "$host: kubeadm join"
  sed -i "s/@TOKEN@/$token/; s/@HASH@/$hash/; s/@KEY@/$key/" "$host/join/kubeadm.yaml"
  send "$host" join
  run "$host" join 'kubeadm join --config kubeadm.yaml'
  on "$host" 'rm -f /root/by-hand/join/kubeadm.yaml' < /dev/null
done

echo 'pod network'
ranges() { on "$first" "$kubectl get nodes -o 'jsonpath={range .items[*]}s|@{.metadata.name}@|{.spec.podCIDR}|g{\"\\n\"}{end}'" < /dev/null; }
until ranges > ranges && [ "$(grep -c '|[0-9]' ranges)" = "$(wc -l < hosts)" ]; do sleep 0.5; done
for host in $all; do
  sed -i -f ranges "$host"/network/*
  send "$host" network
  run "$host" network 'sh run.sh'
done

echo 'all nodes Ready, the address answers'
send "$first" finish
run "$first" finish 'sh run.sh'
