import type { KubeObject } from '@ambit/contracts/common';
import type { MeshOptions } from '@ambit/contracts/mesh-options';
import type { Release } from '@ambit/contracts/release';
import { mergeTrees, overriddenPaths, type Tree } from './merge.ts';

export type Profile = 'sidecar' | 'ambient';

export interface InstallInput {
  release: Release;
  profile: Profile;
  options: MeshOptions;
}

/** What the installer of a release is told: an IstioOperator object, as `istioctl manifest generate -f` takes it. */
export function installerInput(input: InstallInput): KubeObject {
  const components: Tree = {};
  for (const patch of patchesFor(input)) {
    for (const [name, enabled] of Object.entries(patch.components ?? {})) {
      components[name] = { enabled };
    }
  }
  return {
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    metadata: { name: 'ambit', namespace: 'istio-system' },
    spec: {
      // `minimal` is `default` without its ingress gateway: gateways are a mesh's own, not the control plane's.
      profile: input.profile === 'ambient' ? 'ambient' : 'minimal',
      components,
      values: mergeTrees(optionValues(input), releaseValues(input)),
    },
  };
}

/** The patches of a release that hold for a profile. */
export function patchesFor({ release, profile }: Pick<InstallInput, 'release' | 'profile'>) {
  return release.patches.filter((patch) => !patch.profiles || patch.profiles.includes(profile));
}

/** Options a user set that have no effect because the release overrides them, by patch. */
export function overriddenOptions(input: InstallInput): { patch: string; paths: string[] }[] {
  const options = optionValues(input);
  return [
    { patch: 'values', values: input.release.values },
    ...patchesFor(input).map((patch) => ({ patch: patch.name, values: patch.values ?? {} })),
  ]
    .map(({ patch, values }) => ({ patch, paths: overriddenPaths(options, values) }))
    .filter(({ paths }) => paths.length > 0);
}

function releaseValues(input: InstallInput): Tree {
  return patchesFor(input).reduce<Tree>(
    (values, patch) => mergeTrees(values, patch.values ?? {}),
    input.release.values,
  );
}

/** Installer values of a mesh's options (Istio's Helm values and MeshConfig reference). */
function optionValues({ options, profile }: InstallInput): Tree {
  return {
    ...(profile === 'ambient' ? ambientValues(options) : {}),
    pilot: {
      autoscaleMin: options.controlPlane.minReplicas,
      autoscaleMax: options.controlPlane.maxReplicas,
      traceSampling: options.tracingSampling,
      resources: {
        requests: { cpu: options.controlPlane.cpu, memory: options.controlPlane.memory },
      },
    },
    global: {
      logging: { level: `default:${options.logLevel}` },
      proxy: { resources: { requests: { cpu: options.proxy.cpu, memory: options.proxy.memory } } },
    },
    meshConfig: {
      accessLogFile: options.accessLog ? '/dev/stdout' : '',
      trustDomain: options.trustDomain,
      outboundTrafficPolicy: { mode: options.outboundTraffic },
      defaultConfig: { holdApplicationUntilProxyStarts: options.holdApplicationUntilProxyStarts },
    },
  };
}

/** Of the charts ztunnel and istio-cni; the target `access` of ztunnel's log is its access log. */
function ambientValues({ ztunnel, cni }: MeshOptions): Tree {
  return {
    ztunnel: {
      resources: { requests: { cpu: ztunnel.cpu, memory: ztunnel.memory } },
      terminationGracePeriodSeconds: ztunnel.drainS,
      logLevel: ztunnel.accessLog ? ztunnel.logLevel : `${ztunnel.logLevel},access=off`,
    },
    cni: {
      resources: { requests: { cpu: cni.cpu, memory: cni.memory } },
      logging: { level: `default:${cni.logLevel}` },
      ambient: { dnsCapture: cni.dnsCapture },
    },
  };
}

/** The objects beside the installer's own: what options and patches add. */
export function extraObjects(input: InstallInput): KubeObject[] {
  const objects = patchesFor(input).flatMap((patch) => patch.objects ?? []);
  return input.options.mtls === 'STRICT' ? [meshWideMtls('STRICT'), ...objects] : objects;
}

/** PeerAuthentication of the root namespace without a selector holds mesh-wide (istio.io, PeerAuthentication). */
function meshWideMtls(mode: 'STRICT'): KubeObject {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace: 'istio-system' },
    spec: { mtls: { mode } },
  };
}

/** True for an object that a mesh's options manage; a policy of that identity would fight with it. */
export function isManagedByOptions(object: {
  kind: string;
  namespace: string;
  name: string;
}): boolean {
  return (
    object.kind === 'PeerAuthentication' &&
    object.namespace === 'istio-system' &&
    object.name === 'default'
  );
}
