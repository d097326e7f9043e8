import type { KubeObject } from '@ambit/contracts/common';
import { simulatedLabel } from '../simulated.ts';

export const systemNamespace = 'istio-system';
export type Labels = Record<string, string>;
type Rest = Record<string, unknown>;

/** What names an object as a part of a sandbox release. */
export const partLabels = (version: string): Labels => ({
  release: 'istio',
  'app.kubernetes.io/part-of': 'istio',
  'app.kubernetes.io/managed-by': 'ambit-sandbox',
  'app.kubernetes.io/version': version,
  [simulatedLabel]: 'true',
});

export interface Make {
  (apiVersion: string, kind: string, name: string, rest?: Rest, labels?: Labels): KubeObject;
}

/** Makes objects of a release: all of them carry its labels; namespaced ones stand in istio-system. */
export function maker(version: string): { inSystem: Make; ofCluster: Make } {
  const make =
    (namespace: string | undefined): Make =>
    (apiVersion, kind, name, rest = {}, labels = {}) => ({
      apiVersion,
      kind,
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        labels: { ...partLabels(version), ...labels },
      },
      ...rest,
    });
  return { inSystem: make(systemNamespace), ofCluster: make(undefined) };
}
