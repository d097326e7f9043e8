import { expect, it } from 'vitest';
import { attentionOf } from './attention.ts';

const nowMs = Date.parse('2026-11-25T12:00:00Z');

const nothing = {
  alerts: [],
  objectives: [],
  meshes: [],
  clusters: [],
  findings: [],
  operations: [],
  certificates: [],
  tokens: [],
  unwell: [],
};

const token = (name: string, expiresAt: string) => ({
  id: `tok_${name}`,
  name,
  expiresAt,
  revokedAt: null as string | null,
});

const service = (name: string, health: string, errorShare: number | null) => ({
  namespace: 'shop',
  name,
  health,
  errorShare,
});

const lines = (facts: Parameters<typeof attentionOf>[0]) =>
  attentionOf(facts, nowMs).map(({ text, href }) => `${href} ${text}`);

it('is empty when all is well', () => {
  expect(
    attentionOf(
      {
        ...nothing,
        alerts: [{ id: 'alr_1', state: 'silenced', severity: 'error', summary: 'quiet' }],
        meshes: [{ id: 'msh_1', name: 'shop', status: 'Ready', statusMessage: '', upgradeTo: [] }],
        clusters: [{ id: 'cls_1', name: 'east', state: 'connected' }],
        findings: [{ meshId: 'msh_1', error: 0 }],
        operations: [{ id: 'opr_1', title: 'Upgrade', state: 'running' }],
        tokens: [
          token('later', '2026-12-09T12:00:01Z'),
          token('over', '2026-11-25T11:59:59Z'),
          { ...token('revoked', '2026-11-26T00:00:00Z'), revokedAt: '2026-11-20T00:00:00Z' },
        ],
        unwell: [{ meshId: 'msh_1', services: [], total: 0 }],
      },
      nowMs,
    ),
  ).toEqual([]);
});

it('is the worst first, one line and one link each', () => {
  const found = lines({
    ...nothing,
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
    tokens: [token('ci', '2026-12-01T00:00:00Z')],
    unwell: [{ meshId: 'msh_1', services: [service('cart', 'failure', 0.25)], total: 1 }],
  });
  expect(found).toEqual([
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
    '/meshes/msh_1/services/shop/cart Service shop/cart of shop is unwell: 25% of what it is asked fails',
    '/meshes/msh_1#certificates The CA of the mesh in east expires on 2036-11-22',
    '/tokens Access token ci ends on 2026-12-01',
    '/meshes/msh_1/findings 2 errors of the diagnosis in shop',
    '/meshes/msh_1/settings#upgrade Mesh shop can be upgraded: 1 newer release is offered',
  ]);
});

it('names a few services that are unwell, those that fail first, and says how many more there are', () => {
  const degraded = ['a', 'b', 'c', 'd'].map((name) => service(name, 'degraded', null));
  expect(
    lines({
      ...nothing,
      unwell: [
        { meshId: 'msh_1', services: degraded, total: 7 },
        {
          meshId: 'msh_2',
          services: [service('x', 'failure', 1), service('y', 'degraded', 0.02)],
          total: 2,
        },
      ],
    }),
  ).toEqual([
    '/meshes/msh_2/services/shop/x Service shop/x of msh_2 is unwell: 100% of what it is asked fails',
    ...['a', 'b', 'c', 'd'].map(
      (name) => `/meshes/msh_1/services/shop/${name} Service shop/${name} of msh_1 is unwell`,
    ),
    '/meshes/msh_1/services 3 more services of msh_1 are unwell',
    '/meshes/msh_2/services 1 more service of msh_2 is unwell',
  ]);
});

it('names the tokens that end within two weeks, the first to end first', () => {
  const tokens = Array.from({ length: 7 }, (_, at) =>
    token(`t${at}`, `2026-12-0${8 - at}T00:00:00Z`),
  );
  expect(lines({ ...nothing, tokens })).toEqual([
    ...[6, 5, 4, 3, 2].map((at) => `/tokens Access token t${at} ends on 2026-12-0${8 - at}`),
    '/tokens 2 more access tokens end within two weeks',
  ]);
});

it('does not say twice what an alert says already', () => {
  const labels = { kind: 'service', namespace: 'shop', name: 'pay' };
  const firing = { id: 'alr_1', state: 'firing', severity: 'error', meshId: 'msh_1' };
  const status = { state: 'burning', message: 'It burns.' };
  const found = lines({
    ...nothing,
    meshes: [{ id: 'msh_1', name: 'one', status: 'Ready', statusMessage: '' }],
    alerts: [
      { ...firing, summary: 'pay fails', labels },
      {
        ...firing,
        id: 'alr_2',
        summary: 'pay burns',
        labels: { ...labels, objective: 'pay is there' },
      },
    ],
    objectives: [
      { id: 'obj_1', meshId: 'msh_1', name: 'pay is there', status },
      { id: 'obj_2', meshId: 'msh_2', name: 'pay is there', status },
    ],
    unwell: [
      {
        meshId: 'msh_1',
        services: [service('pay', 'failure', 0.5), service('cart', 'degraded', 0.02)],
        total: 2,
      },
    ],
  });
  expect(found).toEqual([
    '/alerts/alr_1 pay fails',
    '/alerts/alr_2 pay burns',
    '/meshes/msh_2/objectives/obj_2 Objective pay is there: It burns.',
    '/meshes/msh_1/services/shop/cart Service shop/cart of one is unwell: 2% of what it is asked fails',
  ]);
});
