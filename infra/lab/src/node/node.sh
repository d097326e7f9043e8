#!/bin/bash
# PID 1 of a lab's node, in mount, pid, network, host-name and ipc namespaces of its own.
# Everything it starts ends with it. lifecycle.ts writes the configuration and passes the LAB_* variables.
set -euo pipefail

C=$LAB_STATE/config P=$LAB_STATE/pki L=$LAB_STATE/log

# Mounts of this machine alone: istio-cni bind-mounts network namespaces and needs them shared onward.
mount --make-rshared /
exec {cache}< "$LAB_CACHE"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/containerd /run/cni-ipam /run/lock

# What is written below these folders stays in the node, so that the host and other labs never see it.
for folder in etc opt var/lib; do
  layers=/run/overlay/$folder
  mkdir -p "$layers"/{upper,work}
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$layers/upper,workdir=$layers/work" "/$folder"
done
# The cache is shared with the host, also when it lies below one of them.
mkdir -p "$LAB_CACHE"
mount --no-canonicalize --bind "/proc/self/fd/$cache" "$LAB_CACHE"
exec {cache}<&-

mkdir -p "$LAB_STATE"/{kubelet,varlog} /var/lib/kubelet /etc/cni/net.d /opt/cni/bin
mount --bind "$LAB_STATE/kubelet" /var/lib/kubelet
mount --bind "$LAB_STATE/varlog" /var/log
ln -s /usr/lib/cni/* /opt/cni/bin/
cp "$C/cni.conflist" /etc/cni/net.d/10-lab.conflist
cp "$C/hosts" /etc/hosts

# The default route leads nowhere; without one, service addresses are refused before they are translated.
hostname "$LAB_NODE"
ip link set lo up
ip address add "$LAB_ADDRESS/32" dev lo
ip link add uplink type bridge
ip address add "$LAB_UPLINK" dev uplink
ip link set uplink up
ip route add default dev uplink
sysctl -qw net.ipv4.ip_forward=1

# keep NAME COMMAND...: runs a program and starts it again when it ends.
keep() {
  local name=$1
  shift
  (
    while :; do
      code=0
      "$@" >> "$L/$name.log" 2>&1 || code=$?
      echo "$(date -u +%FT%TZ) $name ended with $code" >> "$L/node.log"
      sleep 0.5
    done
  ) &
}
# keep_with_api NAME COMMAND...: the same for a program that would fail until the API server answers.
keep_with_api() {
  until "$LAB_KUBERNETES/kubectl" --kubeconfig "$C/admin.yaml" get --raw /readyz > /dev/null 2>&1; do sleep 0.2; done
  keep "$@"
}

cd "$LAB_STATE/sockets"
keep containerd containerd --config "$C/containerd.toml"
keep etcd "$LAB_ETCD/etcd" --data-dir "$LAB_STATE/etcd" --unsafe-no-fsync --log-level warn \
  --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380
keep apiserver "$LAB_KUBERNETES/kube-apiserver" --etcd-servers http://127.0.0.1:2379 \
  --advertise-address "$LAB_ADDRESS" --secure-port "$LAB_API_PORT" --allow-privileged \
  --client-ca-file "$P/ca.crt" --tls-cert-file "$P/server.crt" --tls-private-key-file "$P/server.key" \
  --service-account-issuer https://kubernetes.default.svc.cluster.local \
  --service-account-key-file "$P/sa.pub" --service-account-signing-key-file "$P/sa.key" \
  --service-cluster-ip-range "$LAB_SERVICE_RANGE" --authorization-mode Node,RBAC \
  --enable-admission-plugins NodeRestriction \
  --kubelet-client-certificate "$P/admin.crt" --kubelet-client-key "$P/admin.key" \
  --kubelet-preferred-address-types InternalIP
keep forward "$LAB_NODE_PROGRAM" "$LAB_FORWARDER" \
  "unix:api.sock=tcp:$LAB_ADDRESS:$LAB_API_PORT" "tcp:$LAB_ADDRESS:$LAB_PLATFORM_PORT=unix:platform.sock"
keep_with_api controller-manager "$LAB_KUBERNETES/kube-controller-manager" --kubeconfig "$C/admin.yaml" \
  --service-account-private-key-file "$P/sa.key" --root-ca-file "$P/ca.crt" \
  --cluster-signing-cert-file "$P/ca.crt" --cluster-signing-key-file "$P/ca.key" \
  --use-service-account-credentials --leader-elect=false --kube-api-qps 300 --kube-api-burst 600
keep_with_api scheduler "$LAB_KUBERNETES/kube-scheduler" --kubeconfig "$C/admin.yaml" --leader-elect=false \
  --kube-api-qps 300 --kube-api-burst 600
keep_with_api kubelet "$LAB_KUBERNETES/kubelet" --config "$C/kubelet.yaml" --kubeconfig "$C/kubelet-user.yaml" \
  --hostname-override "$LAB_NODE" --node-ip "$LAB_ADDRESS"
keep_with_api kube-proxy "$LAB_KUBERNETES/kube-proxy" --config "$C/kube-proxy.yaml" --hostname-override "$LAB_NODE"

# A shell that waits also collects the orphans that end up with PID 1.
sleep infinity &
wait
