import { createHash } from 'node:crypto';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject } from '@ambit/contracts/common';
import { canonicalJson } from '@ambit/contracts/canonical';

type Phase = Bundle['phases'][number];

/** A bundle of phases as `[name, objects, wait]`. */
export function bundleOf(
  name: string,
  phases: [Phase['name'], KubeObject[], Phase['wait']?][],
  more: Partial<Bundle> = {},
): Bundle {
  return {
    format: 1,
    name,
    ownership: 'full',
    phases: phases.map(([phase, objects, wait = 'none']) => ({ name: phase, objects, wait })),
    ignore: [],
    ...more,
  };
}

export const digestOf = (bundle: Bundle): string =>
  `sha256:${createHash('sha256').update(canonicalJson(bundle)).digest('hex')}`;

export const configMap = (
  namespace: string,
  name: string,
  data: Record<string, string> = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});

export const namespaceObject = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

export const deployment = (
  namespace: string,
  name: string,
  image = 'app:1',
  labels = {},
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, labels },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image }] },
    },
  },
});

const pluralOf = (kind: string): string =>
  `${kind.toLowerCase()}s`.replace(/([^aeiou])ys$/, '$1ies').replace(/ss$/, 'ses');

/** A kind that takes whatever it is given. */
export const definition = (
  group: string,
  kind: string,
  versions = ['v1'],
  scope = 'Namespaced',
): KubeObject => {
  const plural = pluralOf(kind);
  // Kubernetes keeps its own groups for what it has approved.
  const annotations = group.endsWith('.k8s.io')
    ? { 'api-approved.kubernetes.io': 'unapproved, a test' }
    : undefined;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...(annotations && { annotations }) },
    spec: {
      group,
      scope,
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      })),
    },
  };
};

export const custom = (
  group: string,
  kind: string,
  namespace: string,
  name: string,
): KubeObject => ({
  apiVersion: `${group}/v1`,
  kind,
  metadata: { name, namespace },
  spec: { hosts: ['web'] },
});
