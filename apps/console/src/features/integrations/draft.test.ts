import { integrationCreate } from '@ambit/contracts/operations/integration';
import { describe, expect, it } from 'vitest';
import { draftOf, inputOf, type Integration } from './draft.ts';

const stored: Integration = {
  id: 'itg_01kaz5m8x0v6h2c4q7t9w3e5r1',
  kind: 'prometheus',
  name: 'mimir',
  clusterId: null,
  clusterName: null,
  meshId: 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1',
  meshName: 'shop',
  address: 'https://mimir.example/prometheus',
  auth: { kind: 'basic', username: 'u' },
  headers: [
    { name: 'X-Scope-OrgID', value: 'a:b', secret: false },
    { name: 'X-Key', value: null, secret: true },
  ],
  caPem: '',
  insecureSkipVerify: false,
  timeoutMs: 2_500,
  reach: 'platform',
  matchers: 'mesh_id="$mesh"',
  latency: false,
  traceUrl: '',
  status: { state: 'unknown', problems: [], at: null, lastOkAt: null },
  version: 3,
  createdAt: '2026-11-25T00:00:00.000Z',
};

describe('what was typed', () => {
  it('of a stored integration is what is stored, without its secrets', () => {
    expect(inputOf(draftOf(stored))).toEqual({
      kind: 'prometheus',
      name: 'mimir',
      address: 'https://mimir.example/prometheus',
      clusterId: null,
      meshId: stored.meshId,
      auth: { kind: 'basic', username: 'u' },
      headers: [
        { name: 'X-Scope-OrgID', secret: false, value: 'a:b' },
        { name: 'X-Key', secret: true },
      ],
      caPem: '',
      insecureSkipVerify: false,
      timeoutMs: 2_500,
      reach: 'platform',
      matchers: 'mesh_id="$mesh"',
      latency: false,
    });
  });

  it('is taken by the verb once it is whole, and refused at its field before', () => {
    const draft = { ...draftOf(null), name: 'tempo', kind: 'tempo' as const };
    const problems = integrationCreate.input.safeParse(inputOf(draft)).error?.issues;
    expect(problems?.map(({ path }) => path[0])).toEqual(['address']);
    const whole = { ...draft, address: 'https://tempo.example', headers: '!X-Key: s3cret' };
    expect(integrationCreate.input.parse(inputOf(whole))).toMatchObject({
      kind: 'tempo',
      headers: [{ name: 'X-Key', value: 's3cret', secret: true }],
    });
  });
});
