import { expect, it } from 'vitest';
import { attentionOf } from './attention.ts';

const nothing = {
  alerts: [],
  objectives: [],
  meshes: [],
  clusters: [],
  findings: [],
  operations: [],
  certificates: [],
};

it('is empty when all is well', () => {
  expect(
    attentionOf({
      ...nothing,
      alerts: [{ id: 'alr_1', state: 'silenced', severity: 'error', summary: 'quiet' }],
      meshes: [{ id: 'msh_1', name: 'shop', status: 'Ready', statusMessage: '', upgradeTo: [] }],
      clusters: [{ id: 'cls_1', name: 'east', state: 'connected' }],
      findings: [{ meshId: 'msh_1', error: 0 }],
      operations: [{ id: 'opr_1', title: 'Upgrade', state: 'running' }],
    }),
  ).toEqual([]);
});

it('is the worst first, one line and one link each', () => {
  const found = attentionOf({
    alerts: Array.from({ length: 7 }, (_, at) => ({
      id: `alr_${at}`,
      state: 'firing',
      severity: at === 6 ? 'error' : 'warning',
      summary: `alert ${at}`,
    })),
    objectives: [
      {
        id: 'slo_1',
        meshId: 'msh_1',
        name: 'cart',
        status: { state: 'exhausted', message: 'Used.' },
      },
    ],
    meshes: [
      {
        id: 'msh_1',
        name: 'shop',
        status: 'Degraded',
        statusMessage: 'One is away.',
        upgradeTo: ['1.30.2'],
      },
    ],
    clusters: [{ id: 'cls_1', name: 'east', state: 'gone' }],
    findings: [{ meshId: 'msh_1', error: 2 }],
    operations: [{ id: 'opr_1', title: 'Upgrade', state: 'failed' }],
    certificates: [
      {
        id: 'c',
        meshId: 'msh_1',
        clusterName: 'east',
        use: 'authority',
        usedBy: [],
        notAfter: '2036-11-22T00:00:00Z',
        state: 'expiring',
      },
    ],
  });
  expect(found.map(({ text, href }) => `${href} ${text}`)).toEqual([
    '/alerts/alr_6 alert 6',
    '/alerts/alr_0 alert 0',
    '/alerts/alr_1 alert 1',
    '/alerts/alr_2 alert 2',
    '/alerts/alr_3 alert 3',
    '/alerts 2 more alerts fire',
    '/meshes/msh_1 Mesh shop: One is away.',
    '/clusters/cls_1 Cluster east is not heard of',
    '/operations/opr_1 Operation Upgrade failed and waits for a decision',
    '/meshes/msh_1/objectives/slo_1 Objective cart: Used.',
    '/meshes/msh_1#certificates The CA of the mesh in east expires on 2036-11-22',
    '/meshes/msh_1/findings 2 errors of the diagnosis in shop',
    '/meshes/msh_1/settings#upgrade Mesh shop can be upgraded: 1 newer release is offered',
  ]);
});
