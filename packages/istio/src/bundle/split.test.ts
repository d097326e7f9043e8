import { describe, expect, test } from 'vitest';
import { bundleSchema } from '@ambit/contracts/agent/bundle';
import { canonicalJson } from '@ambit/contracts/canonical';
import type { KubeObject } from '@ambit/contracts/common';
import { enrolmentBundle } from '../enrolment/rows.ts';
import { policiesBundle } from '../policies.ts';
import { controlPlaneBundle, objectCount, objectsOf } from './split.ts';

const object = (kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion: kind === 'CustomResourceDefinition' ? 'apiextensions.k8s.io/v1' : 'v1',
  kind,
  metadata: { name, ...(namespace ? { namespace } : {}) },
});

const rendered = [
  object('DaemonSet', 'ztunnel', 'istio-system'),
  object('MutatingWebhookConfiguration', 'istio-sidecar-injector'),
  object('DaemonSet', 'istio-cni-node', 'istio-system'),
  object('Deployment', 'istiod', 'istio-system'),
  object('ClusterRole', 'istiod'),
  object('Service', 'istiod', 'istio-system'),
  object('CustomResourceDefinition', 'virtualservices.networking.istio.io'),
  object('ConfigMap', 'istio', 'istio-system'),
];
const parts = {
  meshId: 'msh_1',
  rendered,
  gatewayApi: [] as KubeObject[],
  extras: [] as KubeObject[],
};

describe('the control-plane bundle', () => {
  test('is ordered as Istio has to be installed, each phase with its wait', () => {
    const bundle = controlPlaneBundle(parts);
    expect(bundle.phases.map((p) => [p.name, p.wait, p.objects.length])).toEqual([
      ['namespaces', 'none', 1],
      ['crds', 'established', 1],
      ['configuration', 'none', 2],
      ['control-plane', 'rollout', 2],
      ['webhooks', 'none', 1],
      ['cni', 'rollout', 1],
      ['ztunnel', 'rollout', 1],
    ]);
    expect(objectCount(bundle)).toBe(9);
    expect(bundleSchema.safeParse(bundle).success).toBe(true);
  });

  test('labels every object with its mesh and keeps the labels it has', () => {
    const labelled = { ...object('ConfigMap', 'x', 'istio-system') };
    labelled.metadata = { ...labelled.metadata, labels: { a: 'b' } };
    const bundle = controlPlaneBundle({ ...parts, extras: [labelled] });
    const extras = bundle.phases.find((p) => p.name === 'extras')?.objects[0];
    expect(extras?.metadata.labels).toEqual({ a: 'b', 'ambit.dev/mesh': 'msh_1' });
  });

  test('has the same bytes whatever order the installer printed', () => {
    const reversed = controlPlaneBundle({ ...parts, rendered: [...rendered].reverse() });
    expect(canonicalJson(reversed)).toBe(canonicalJson(controlPlaneBundle(parts)));
  });

  test('takes only CRDs of Gateway API, and none when the cluster keeps its own', () => {
    const crd = object('CustomResourceDefinition', 'httproutes.gateway.networking.k8s.io');
    const guard = object('ValidatingAdmissionPolicy', 'safe-upgrades');
    const bundle = controlPlaneBundle({ ...parts, gatewayApi: [crd, guard] });
    const crds = bundle.phases.find((p) => p.name === 'crds')?.objects.map((o) => o.metadata.name);
    expect(crds).toEqual([
      'httproutes.gateway.networking.k8s.io',
      'virtualservices.networking.istio.io',
    ]);
    expect(JSON.stringify(bundle)).not.toContain('safe-upgrades');
  });

  test('leaves to the cluster what istiod and the autoscaler own', () => {
    const { ignore } = controlPlaneBundle(parts);
    expect(ignore).toContainEqual({ kind: 'Deployment', paths: ['/spec/replicas'] });
    expect(ignore.find((i) => i.kind === 'ValidatingWebhookConfiguration')?.paths).toContain(
      '/webhooks/*/clientConfig/caBundle',
    );
  });

  test('makes no namespace that Kubernetes itself has', () => {
    const only = [object('DaemonSet', 'istio-cni-node', 'kube-system')];
    expect(controlPlaneBundle({ ...parts, rendered: only }).phases.map((p) => p.name)).toEqual([
      'cni',
    ]);
  });
});

describe('objectsOf', () => {
  test('reads a stream, empty documents left out', () => {
    const yaml = 'apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\n---\n# nothing\n';
    expect(objectsOf(yaml)).toHaveLength(1);
  });

  test.each([
    ['a: [1', /does not parse/],
    ['apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\nkind: B\n', /line 5/],
  ])('refuses %#', (yaml, words) => {
    expect(() => objectsOf(yaml)).toThrow(words);
  });
});

test('an empty policies bundle is still a bundle: it removes the last one', () => {
  expect(bundleSchema.parse(policiesBundle('msh_1', []))).toMatchObject({ name: 'policies' });
});

test('enrolment sets labels of namespaces and Services, sorted, and none of ours', () => {
  const place = { clusterId: 'c', waypoint: '', waypointNamespace: '' };
  const bundle = enrolmentBundle({
    namespaces: [
      { ...place, namespace: 'b', mode: 'L4', waypoint: 'waypoint' },
      { ...place, namespace: 'a', mode: 'sidecar' },
      { ...place, namespace: 'c', mode: 'none' },
    ],
    services: [
      { ...place, namespace: 'b', name: 'web', waypoint: 'shared', waypointNamespace: 'infra' },
      { ...place, namespace: 'b', name: 'mail', waypoint: 'none' },
      { ...place, namespace: 'b', name: 'plain' },
    ],
  });
  expect(bundle.ownership).toBe('fields');
  expect(
    bundle.phases[0]?.objects.map((o) => [o.kind, o.metadata.name, o.metadata.labels]),
  ).toEqual([
    ['Namespace', 'a', { 'istio-injection': 'enabled' }],
    [
      'Namespace',
      'b',
      { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'waypoint' },
    ],
    ['Service', 'mail', { 'istio.io/use-waypoint': 'none' }],
    [
      'Service',
      'web',
      { 'istio.io/use-waypoint': 'shared', 'istio.io/use-waypoint-namespace': 'infra' },
    ],
  ]);
});
