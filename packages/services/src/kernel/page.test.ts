import { describe, expect, it } from 'vitest';
import { pageArgs, pageOfArray, toPage } from './page.ts';

const rows = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));

/** What Postgres does with the arguments. */
function find(request: { limit: number; cursor?: string }, order: 'asc' | 'desc') {
  const { where, take } = pageArgs(request, 'id', order);
  const sorted = order === 'asc' ? rows : rows.toReversed();
  const { gt, lt } = where.id ?? {};
  return sorted
    .filter(({ id }) => (gt === undefined || id > gt) && (lt === undefined || id < lt))
    .slice(0, take);
}

describe('pages of a table', () => {
  it.each(['asc', 'desc'] as const)('walk every row once (%s)', (order) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const request = { limit: 2, cursor };
      const page = toPage(request, find(request, order), (row) => row.id, 'id', order);
      seen.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    const expected = rows.map((row) => row.id);
    expect(seen).toEqual(order === 'asc' ? expected : expected.toReversed());
  });

  it('have no next one when the rows end exactly with the page', () => {
    const request = { limit: 5 };
    expect(toPage(request, find(request, 'asc'), (r) => r, 'id').nextCursor).toBeNull();
  });

  it('take bigint keys', () => {
    const page = toPage({ limit: 1 }, [{ id: 7n }, { id: 8n }], (row) => row.id, 'id');
    expect(pageArgs({ limit: 1, cursor: page.nextCursor! }, 'id').where).toEqual({ id: { gt: 7 } });
  });

  it.each(['nonsense', '', Buffer.from('["name","asc","x"]').toString('base64url')])(
    'refuse the cursor "%s" of somewhere else',
    (cursor) => {
      expect(() => pageArgs({ limit: 1, cursor }, 'id')).toThrow(
        expect.objectContaining({
          code: 'invalid_input',
          details: [expect.objectContaining({ path: 'cursor' })],
        }),
      );
    },
  );
});

it('pages of an array walk every item once, in order', () => {
  const items = ['q', 'b', 'z', 'a'];
  const first = pageOfArray({ limit: 3 }, items, (x) => x);
  expect(first.items).toEqual(['a', 'b', 'q']);
  const second = pageOfArray({ limit: 3, cursor: first.nextCursor! }, items, (x) => x);
  expect(second).toEqual({ items: ['z'], nextCursor: null });
});
