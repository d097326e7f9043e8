import { describe, expect, it } from 'vitest';
import { mergeStatus } from './merge-status.ts';

const condition = (status: string, message = '', observedGeneration = 3, type = 'Programmed') => ({
  type,
  status,
  reason: status === 'True' ? 'Programmed' : 'Invalid',
  message,
  observedGeneration,
  lastTransitionTime: '2026-11-02T10:15:00Z',
});
const from = (cluster: string, status: object, generation = 3, delivered = 3) => ({
  cluster,
  status: status as Record<string, unknown>,
  generation,
  delivered,
});

describe('the status of an object over several clusters', () => {
  it('of one cluster is what that cluster says, in the mesh’s generations', () => {
    expect(
      mergeStatus([from('a', { conditions: [condition('True', 'ok', 8)] }, 8, 2)], []),
    ).toEqual({ conditions: [condition('True', 'ok', 2)] });
    expect(
      mergeStatus([from('a', { conditions: [condition('True', 'ok', 7)] }, 8, 2)], []),
    ).toEqual({ conditions: [condition('True', 'ok', 1)] });
  });

  it('is True when all say so, False when one does, and tells each where they differ', () => {
    const merged = (b: string) =>
      mergeStatus(
        [
          from('a', { conditions: [condition('True', 'assigned')] }),
          from('b', { conditions: [condition(b, b === 'True' ? 'assigned' : 'no address')] }),
        ],
        [],
      );
    expect(merged('True')).toEqual({ conditions: [condition('True', 'assigned')] });
    expect(merged('False')).toMatchObject({
      conditions: [{ status: 'False', reason: 'Invalid', message: 'a: assigned; b: no address' }],
    });
  });

  it('is Unknown while a cluster has not told yet, but False as soon as one says so', () => {
    const ask = (status: string) =>
      mergeStatus([from('a', { conditions: [condition(status, 'x')] })], ['b'])!['conditions'];
    expect(ask('True')).toMatchObject([
      { status: 'Unknown', reason: 'Pending', message: 'x; b: nothing told yet' },
    ]);
    expect(ask('False')).toMatchObject([{ status: 'False', reason: 'Invalid' }]);
  });

  it('takes a negative condition as True when one cluster does', () => {
    const merged = mergeStatus(
      [
        from('a', { conditions: [condition('False', '', 3, 'Conflicted')] }),
        from('b', { conditions: [condition('True', 'port', 3, 'Conflicted')] }),
      ],
      [],
    );
    expect(merged).toMatchObject({ conditions: [{ type: 'Conflicted', status: 'True' }] });
  });

  it('joins addresses, and merges listeners and parents by what they are', () => {
    const gateway = (address: string, attachedRoutes: number, status: string) => ({
      addresses: [{ type: 'IPAddress', value: address }],
      listeners: [{ name: 'http', attachedRoutes, conditions: [condition(status, status)] }],
      parents: [
        {
          parentRef: { name: 'gw' },
          controllerName: 'istio.io/gateway-controller',
          conditions: [condition(status, status, 3, 'Accepted')],
        },
      ],
    });
    expect(
      mergeStatus(
        [from('a', gateway('1.1.1.1', 1, 'True')), from('b', gateway('2.2.2.2', 2, 'False'))],
        [],
      ),
    ).toMatchObject({
      addresses: [{ value: '1.1.1.1' }, { value: '2.2.2.2' }],
      listeners: [{ name: 'http', attachedRoutes: 2, conditions: [{ status: 'False' }] }],
      parents: [{ parentRef: { name: 'gw' }, conditions: [{ status: 'False' }] }],
    });
  });
});
