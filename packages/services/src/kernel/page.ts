import { invalid } from './errors.ts';

/** What a list takes: `limit` rows at most, from behind `cursor` on. */
export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

type Order = 'asc' | 'desc';
type Key = string | number;

type PageArgs<K extends string, V extends Key> = {
  where: { [P in K]?: { gt?: V; lt?: V } };
  orderBy: { [P in K]: Order };
  take: number;
};

/**
 * `where`, `orderBy` and `take` for a Prisma `findMany` ordered by one unique column (ids sort by creation time).
 * One row more than the page is asked for: it tells `toPage` that there is a next one. For a column of numbers write
 * `pageArgs<'id', number>`.
 * @throws AmbitError invalid_input for a cursor that is not of this list
 */
export function pageArgs<K extends string, V extends Key = string>(
  request: PageRequest,
  key: K,
  order: Order = 'asc',
): PageArgs<K, V> {
  const after = request.cursor === undefined ? undefined : readCursor(request.cursor, key, order);
  const compare = order === 'asc' ? 'gt' : 'lt';
  return {
    where: after === undefined ? {} : { [key]: { [compare]: after } },
    orderBy: { [key]: order },
    take: request.limit + 1,
  } as PageArgs<K, V>;
}

/** The answer of a list from the rows that `pageArgs` (same key and order) found. */
export function toPage<K extends string, Row extends { [P in K]: Key | bigint }, Item>(
  request: PageRequest,
  rows: Row[],
  to: (row: Row) => Item,
  key: K,
  order: Order = 'asc',
): Page<Item> {
  const shown = rows.slice(0, request.limit);
  const last = shown.at(-1);
  const more = rows.length > request.limit && last !== undefined;
  return {
    items: shown.map(to),
    nextCursor: more ? writeCursor(key, order, plain(last[key])) : null,
  };
}

/** The same for a list that is in memory: ordered by a unique text of each item, by code unit. */
export function pageOfArray<Item>(
  request: PageRequest,
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Page<Item> {
  const after =
    request.cursor === undefined ? undefined : readCursor(request.cursor, 'items', 'asc');
  const rest = items
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => after === undefined || key > String(after))
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  const page = toPage(request, rest, ({ item }) => item, 'key');
  const last = rest[request.limit - 1];
  return {
    items: page.items,
    nextCursor: page.nextCursor && last ? writeCursor('items', 'asc', last.key) : null,
  };
}

const plain = (value: Key | bigint): Key => (typeof value === 'bigint' ? Number(value) : value);

const writeCursor = (key: string, order: Order, value: Key): string =>
  Buffer.from(JSON.stringify([key, order, value])).toString('base64url');

function readCursor(cursor: string, key: string, order: Order): Key {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts[0] === key && parts[1] === order) {
      const value: unknown = parts[2];
      if (typeof value === 'string' || typeof value === 'number') return value;
    }
  } catch {
    // Not ours; told below.
  }
  throw invalid(
    'the cursor is not one of this list',
    [{ path: 'cursor', message: 'expected the nextCursor of the page before' }],
    'begin again without a cursor',
  );
}
