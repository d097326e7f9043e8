import { expect, it } from 'vitest';
import { labelledMode, namespaceRows, systemReason } from './namespaces.ts';

const workload = (namespace: string, mode: 'none' | 'sidecar', enrolled: number) => ({
  clusterId: 'cls_1',
  clusterName: 'prod',
  namespace,
  kind: 'Deployment',
  name: `w-${mode}`,
  serviceAccount: 'default',
  pods: 2,
  ready: 2,
  enrolled,
  mode,
  revision: '',
  proxyVersions: {},
  wanted: null,
});

it('lists empty namespaces too and sums what runs in the others', () => {
  const rows = namespaceRows(
    [
      {
        id: 'cls_1',
        name: 'prod',
        namespaces: {
          observedAt: null,
          items: [
            { name: 'shop', labels: { 'istio-injection': 'enabled' }, workloads: [] },
            { name: 'empty', labels: {}, workloads: [] },
          ],
        },
      },
    ],
    [workload('shop', 'sidecar', 2), workload('shop', 'none', 0)],
  );
  expect(rows).toMatchObject([
    { namespace: 'shop', pods: 4, enrolled: 2, mode: 'mixed', wanted: 'sidecar' },
    { namespace: 'empty', pods: 0, enrolled: 0, mode: 'none', wanted: null },
  ]);
});

it('shows a namespace that only its workloads tell of', () => {
  const rows = namespaceRows(
    [{ id: 'cls_1', name: 'prod', namespaces: undefined }],
    [workload('late', 'none', 0)],
  );
  expect(rows.map((row) => row.namespace)).toEqual(['late']);
});

it('reads Istio’s labels', () => {
  expect(labelledMode({ 'istio.io/dataplane-mode': 'ambient' })).toBe('L4');
  expect(labelledMode({ 'istio.io/rev': 'ambit' })).toBe('sidecar');
  expect(labelledMode({ 'istio-injection': 'disabled', 'istio.io/rev': 'x' })).toBeNull();
  expect(labelledMode({})).toBeNull();
});

it('keeps system namespaces out', () => {
  expect(systemReason('kube-system')).toContain('stays outside');
  expect(systemReason('shop')).toBeUndefined();
});
