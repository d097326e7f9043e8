import { expect, it } from 'vitest';
import { type Cluster, clusterSentence, foreignIstioText, meshRefusal } from './cluster-state.ts';

const node = (ready: boolean) => ({
  name: 'n',
  ready,
  version: 'v1.34.4',
  os: 'linux',
  arch: 'amd64',
});
const cluster = (over: Partial<Cluster>): Cluster =>
  ({
    state: 'connected',
    nodes: [node(true)],
    kubernetesVersion: '1.34.4',
    mesh: null,
    foreignIstio: [],
    ...over,
  }) as Cluster;

it('says how a cluster is', () => {
  expect(clusterSentence(cluster({}))).toBe(
    'Connected. 1 node, Kubernetes 1.34.4, in no mesh yet.',
  );
  expect(clusterSentence(cluster({ nodes: [node(true), node(false)] }))).toContain(
    '1 of 2 nodes ready',
  );
  expect(clusterSentence(cluster({ state: 'stale' }))).toContain('keeps running');
});

it('says why a cluster cannot join a mesh', () => {
  expect(meshRefusal(cluster({}))).toBeUndefined();
  expect(meshRefusal(cluster({ state: 'waiting' }))).toContain('not connected');
  expect(meshRefusal(cluster({ mesh: { id: 'msh_1', name: 'shop' } }))).toBe(
    'Already in mesh shop.',
  );
});

it('names the foreign Istio', () => {
  const foreignIstio = [
    { namespace: 'istio-system', name: 'istiod', version: '1.29.1', managedBy: 'Helm' },
  ];
  expect(foreignIstioText({ foreignIstio })).toBe(
    'An Istio that Ambit did not install runs here: istio-system/istiod 1.29.1 (Helm).',
  );
});

it('waits for the first report of an agent that has only just registered', () => {
  expect(clusterSentence(cluster({ kubernetesVersion: null, nodes: [] }))).toContain(
    'first report',
  );
});
