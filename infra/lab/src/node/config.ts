import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LabPaths } from '../paths.ts';
import { containerdConfig, containerdSocket } from '../images/containerd.ts';
import { network } from '../versions.ts';

export const nodeName = (lab: Pick<LabPaths, 'name'>): string => `lab-${lab.name}`;

/** Pods hang on routed pairs, not on a bridge, so that service addresses need no bridge netfilter. */
const cniConfig = (): object => ({
  cniVersion: '0.4.0',
  name: 'lab',
  plugins: [
    {
      type: 'ptp',
      ipMasq: true,
      ipam: {
        type: 'host-local',
        dataDir: '/run/cni-ipam',
        ranges: [[{ subnet: network.nodePodRange }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});

const kubeletConfig = (lab: LabPaths): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: join(lab.pki, 'ca.crt') },
  },
  authorization: { mode: 'Webhook' },
  cgroupDriver: 'cgroupfs',
  // Each kubelet removes pods it does not know below its root: labs side by side must not share one.
  cgroupRoot: `/${lab.cgroup}`,
  enforceNodeAllocatable: [],
  failCgroupV1: false,
  failSwapOn: false,
  clusterDNS: [network.dnsServiceAddress],
  clusterDomain: 'cluster.local',
  containerRuntimeEndpoint: `unix://${containerdSocket}`,
  tlsCertFile: join(lab.pki, 'kubelet.crt'),
  tlsPrivateKeyFile: join(lab.pki, 'kubelet.key'),
  evictionHard: { 'memory.available': '100Mi' },
  imageGCHighThresholdPercent: 100,
  resolvConf: join(lab.etc, 'resolv.conf'),
  volumePluginDir: join(lab.state, 'volume-plugins'),
  registerNode: true,
});

const kubeProxyConfig = (lab: LabPaths): object => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  clientConnection: { kubeconfig: lab.nodeKubeconfig },
  mode: 'nftables',
  clusterCIDR: network.podRange,
  conntrack: { maxPerCore: 0, min: 0, tcpCloseWaitTimeout: '0s', tcpEstablishedTimeout: '0s' },
});

/** The node's configuration files by name, without the kubeconfigs (they hold keys and are written apart). */
export function nodeConfigFiles(lab: LabPaths): Record<string, string> {
  return {
    'containerd.toml': containerdConfig(join(lab.state, 'containerd')),
    'cni.conflist': JSON.stringify(cniConfig(), null, 2),
    'kubelet.yaml': stringify(kubeletConfig(lab)),
    'kube-proxy.yaml': stringify(kubeProxyConfig(lab)),
    // The node's own resolver must not be the cluster's: CoreDNS answers for the cluster and nothing else.
    'resolv.conf': 'nameserver 127.0.0.1\n',
    hosts: `127.0.0.1 localhost\n${network.nodeAddress} ${nodeName(lab)}\n`,
  };
}
