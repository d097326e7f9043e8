import { type ChangeEvent, eventTopics } from '@ambit/contracts/events';
import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { invalidationsFor, invalidationsForAll } from './invalidations.ts';

const event = (over: Partial<ChangeEvent>): ChangeEvent => ({
  id: '1',
  topic: 'mesh',
  resourceId: 'msh_1',
  parentId: null,
  change: 'updated',
  at: '2026-11-02T10:15:00.000Z',
  ...over,
});

/** Fills a cache with keys as tRPC makes them and tells which of them an event marks as old. */
function staleAfter(over: Partial<ChangeEvent>, keys: [string, string, object][]): string[] {
  const client = new QueryClient();
  for (const [domain, verb, input] of keys)
    client.setQueryData([[domain, verb], { input, type: 'query' }], 1);
  for (const queryKey of invalidationsFor(event(over))) client.invalidateQueries({ queryKey });
  return client
    .getQueryCache()
    .findAll({ predicate: (q) => q.state.isInvalidated })
    .map((q) => {
      const [path, rest] = q.queryKey as [string[], { input: object }];
      return `${path.join('.')} ${JSON.stringify(rest.input)}`;
    });
}

describe('invalidationsFor', () => {
  it('answers every topic with something to refetch', () => {
    for (const topic of eventTopics)
      expect(invalidationsFor(event({ topic })).length).toBeGreaterThan(0);
  });

  it('touches the mesh that changed and no other', () => {
    expect(
      staleAfter({ topic: 'mesh', resourceId: 'msh_1' }, [
        ['mesh', 'get', { meshId: 'msh_1' }],
        ['mesh', 'get', { meshId: 'msh_2' }],
        ['mesh', 'workloads', { meshId: 'msh_1', limit: 500 }],
        ['mesh', 'list', { limit: 500 }],
        ['policy', 'list', { meshId: 'msh_1' }],
      ]),
    ).toEqual([
      'mesh.get {"meshId":"msh_1"}',
      'mesh.workloads {"meshId":"msh_1","limit":500}',
      'mesh.list {"limit":500}',
    ]);
  });

  it('refetches the log of one operation only', () => {
    expect(
      staleAfter({ topic: 'operation-log', resourceId: 'opr_1', parentId: 'msh_1' }, [
        ['operation', 'logs', { operationId: 'opr_1', limit: 500 }],
        ['operation', 'logs', { operationId: 'opr_2', limit: 500 }],
        ['operation', 'get', { operationId: 'opr_1' }],
        ['mesh', 'get', { meshId: 'msh_1' }],
      ]),
    ).toEqual(['operation.logs {"operationId":"opr_1","limit":500}']);
  });

  it('takes a policy to its mesh', () => {
    expect(
      staleAfter({ topic: 'policy', resourceId: 'pol_1', parentId: 'msh_1' }, [
        ['policy', 'list', { meshId: 'msh_1' }],
        ['policy', 'targets', { meshId: 'msh_1' }],
        ['policy', 'list', { meshId: 'msh_2' }],
        ['policy', 'history', { meshId: 'msh_1', policyId: 'pol_1' }],
      ]),
    ).toEqual([
      'policy.list {"meshId":"msh_1"}',
      'policy.targets {"meshId":"msh_1"}',
      'policy.history {"meshId":"msh_1","policyId":"pol_1"}',
    ]);
  });
});

it('names each key once for a batch', () => {
  const batch = [event({}), event({ id: '2' }), event({ id: '3' })];
  expect(invalidationsForAll(batch)).toEqual(invalidationsFor(batch[0]!));
});
