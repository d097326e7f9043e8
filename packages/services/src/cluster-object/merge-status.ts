type Json = Record<string, unknown>;

/** The status of an object in one cluster, with which of the mesh's generations it speaks of. */
export interface ClusterStatus {
  cluster: string;
  status: Json;
  /** Of the object in the cluster. */
  generation: number;
  /** The generation of the mesh's object that was delivered as it. */
  delivered: number;
}

interface KubeCondition extends Json {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
  lastTransitionTime?: string;
}

/** Conditions that are good when False: one cluster that says True makes it so. */
const negative = new Set(['Conflicted', 'OverlappingTLSConfig', 'PartiallyInvalid', 'Attention']);

/** Lists of a status whose items are the same thing in several clusters, and what tells the items apart. */
const keyed: Record<string, (item: Json) => string> = {
  listeners: (item) => String(item['name']),
  parents: (item) => JSON.stringify([item['parentRef'], item['controllerName']]),
  ancestors: (item) => JSON.stringify([item['ancestorRef'], item['controllerName']]),
};

/**
 * One status out of those of several clusters. A condition is True when every cluster says so and False when one does;
 * where clusters differ, the message tells each of them. Addresses and messages are joined, the number of attached
 * routes is the largest. A cluster that has not told yet leaves conditions Unknown. Pure.
 * @param silent names of clusters that are to have the object and have told no status of it yet
 */
export function mergeStatus(statuses: ClusterStatus[], silent: string[]): Json | undefined {
  if (statuses.length === 0) return undefined;
  const told = statuses.map((one) => ({ ...one, status: translated(one) }));
  return mergeObjects(
    told.map(({ cluster, status }) => ({ cluster, value: status })),
    silent,
  );
}

interface From<T> {
  cluster: string;
  value: T;
}

function mergeObjects(from: From<Json>[], silent: string[]): Json {
  const merged: Json = {};
  for (const field of new Set(from.flatMap(({ value }) => Object.keys(value)))) {
    const values = from.flatMap(({ cluster, value }) =>
      value[field] === undefined ? [] : [{ cluster, value: value[field] }],
    );
    merged[field] = mergeField(field, values, from, silent);
  }
  return merged;
}

function mergeField(
  field: string,
  values: From<unknown>[],
  from: From<Json>[],
  silent: string[],
): unknown {
  const first = values[0]!.value;
  if (Array.isArray(first)) {
    const lists = values.filter((one): one is From<Json[]> => Array.isArray(one.value));
    if (field === 'conditions') {
      const absent = from.filter(({ value }) => value[field] === undefined);
      return mergeConditions(lists as From<KubeCondition[]>[], [
        ...absent.map(({ cluster }) => cluster),
        ...silent,
      ]);
    }
    const key = keyed[field];
    return key ? mergeKeyed(lists, key, silent) : union(lists);
  }
  const numbers = values.map(({ value }) => Number(value));
  if (field === 'observedGeneration')
    return String(first) === first ? String(Math.min(...numbers)) : Math.min(...numbers);
  if (typeof first === 'number') return Math.max(...numbers);
  return first;
}

function mergeKeyed(lists: From<Json[]>[], key: (item: Json) => string, silent: string[]): Json[] {
  const items = new Map<string, From<Json>[]>();
  for (const { cluster, value } of lists) {
    for (const item of value) {
      const at = items.get(key(item)) ?? [];
      items.set(key(item), [...at, { cluster, value: item }]);
    }
  }
  return [...items.values()].map((same) => ({
    ...mergeObjects(same, [
      ...lists
        .map(({ cluster }) => cluster)
        .filter((name) => !same.some((s) => s.cluster === name)),
      ...silent,
    ]),
    ...pick(same[0]!.value, ['name', 'parentRef', 'ancestorRef', 'controllerName']),
  }));
}

const pick = (from: Json, fields: string[]): Json =>
  Object.fromEntries(fields.flatMap((f) => (from[f] === undefined ? [] : [[f, from[f]]])));

function union(lists: From<unknown[]>[]): unknown[] {
  const seen = new Map(
    lists.flatMap(({ value }) => value.map((item) => [JSON.stringify(item), item])),
  );
  return [...seen.values()];
}

function mergeConditions(lists: From<KubeCondition[]>[], silent: string[]): KubeCondition[] {
  const types = new Set(lists.flatMap(({ value }) => value.map(({ type }) => type)));
  return [...types].map((type) => {
    const told = lists.flatMap(({ cluster, value }) => {
      const found = value.find((condition) => condition.type === type);
      return found ? [{ cluster, value: found }] : [];
    });
    const missing = [
      ...silent,
      ...lists
        .map(({ cluster }) => cluster)
        .filter((cluster) => !told.some((one) => one.cluster === cluster)),
    ];
    return mergeCondition(type, told, missing);
  });
}

function mergeCondition(
  type: string,
  told: From<KubeCondition>[],
  missing: string[],
): KubeCondition {
  const decisive = negative.has(type) ? 'True' : 'False';
  const rank = ({ value }: From<KubeCondition>) =>
    value.status === decisive ? 0 : value.status === 'Unknown' ? 1 : 2;
  const [worst, ...others] = [...told].sort((a, b) => rank(a) - rank(b));
  const first = worst!.value;
  const differ = others.some(
    ({ value }) => value.status !== first.status || value.message !== first.message,
  );
  const sentences = differ
    ? told.map(({ cluster, value }) => `${cluster}: ${value.message || value.status}`)
    : [first.message ?? ''];
  const open = missing.length > 0 && first.status !== decisive;
  if (missing.length > 0) sentences.push(`${missing.join(', ')}: nothing told yet`);
  const generations = told.flatMap(({ value }) => value.observedGeneration ?? []);
  const times = told.flatMap(({ value }) => value.lastTransitionTime ?? []).sort();
  return {
    ...first,
    ...(open && !negative.has(type) ? { status: 'Unknown', reason: 'Pending' } : {}),
    ...(first.message === undefined && sentences.every((s) => s === '')
      ? {}
      : { message: sentences.filter(Boolean).join('; ') }),
    ...(generations.length > 0 ? { observedGeneration: Math.min(...generations) } : {}),
    ...(times.length > 0 ? { lastTransitionTime: times.at(-1)! } : {}),
  };
}

/** Generations of the cluster's object become those of the mesh's: only what speaks of the newest one is current. */
function translated({ status, generation, delivered }: ClusterStatus): Json {
  const of = (observed: number) => Math.max(0, delivered - Math.max(0, generation - observed));
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        if (key !== 'observedGeneration') return [key, walk(inner)];
        // Istio's own kinds tell it as a string (an int64 of protobuf's JSON).
        return [key, typeof inner === 'string' ? String(of(Number(inner))) : of(Number(inner))];
      }),
    );
  };
  return walk(status) as Json;
}
