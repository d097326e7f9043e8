import type { KubeObject } from '@ambit/contracts/common';
import { imageHub } from '../simulated.ts';

/** What the installer's values mean to a sandbox release; all else in them has no effect in a simulation. */
export interface ReleaseSettings {
  version: string;
  ambient: boolean;
  components: { cni: boolean; ztunnel: boolean };
  hub: string;
  tag: string;
  minReplicas: number;
  maxReplicas: number;
  istiodResources: object;
  proxyResources: object;
  meshConfig: object;
  ztunnel: { resources: object; drainS: number; logLevel: string };
  cni: { resources: object; dnsCapture: boolean };
}

type Tree = Record<string, unknown>;

const at = (tree: unknown, ...path: string[]): unknown => {
  let value = tree;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Tree)[step];
  }
  return value;
};

/**
 * @param operator what an istioctl would be told: an IstioOperator object (packages/istio, installerInput)
 */
export function settingsOf(version: string, operator: KubeObject): ReleaseSettings {
  const spec = (operator as { spec?: unknown }).spec;
  const ambient = at(spec, 'profile') === 'ambient';
  const value = <T>(fallback: T, ...path: string[]): T =>
    (at(spec, 'values', ...path) as T | undefined) ?? fallback;
  const enabled = (name: string): boolean =>
    ambient && at(spec, 'components', name, 'enabled') !== false;
  return {
    version,
    ambient,
    components: { cni: enabled('cni'), ztunnel: enabled('ztunnel') },
    hub: value(imageHub, 'global', 'hub'),
    tag: String(value(version, 'global', 'tag')),
    minReplicas: value(1, 'pilot', 'autoscaleMin'),
    maxReplicas: value(5, 'pilot', 'autoscaleMax'),
    istiodResources: value({}, 'pilot', 'resources'),
    proxyResources: value({}, 'global', 'proxy', 'resources'),
    meshConfig: value({}, 'meshConfig'),
    ztunnel: {
      resources: value({}, 'ztunnel', 'resources'),
      drainS: value(30, 'ztunnel', 'terminationGracePeriodSeconds'),
      logLevel: value('info', 'ztunnel', 'logLevel'),
    },
    cni: {
      resources: value({}, 'cni', 'resources'),
      dnsCapture: value(true, 'cni', 'ambient', 'dnsCapture'),
    },
  };
}
