import type { TelemetryStore } from '@ambit/topology/store/telemetry-store';
import {
  toProblem,
  type Problem,
  type Round,
  type RoundOptions,
  type Scope,
  type TelemetrySource,
} from '../source.ts';
import { createPrometheusClient, type PrometheusSettings } from './client.ts';
import { createIdentities, readLabels, type Identities } from './identities.ts';
import { podOf, type Whose } from './native.ts';
import { createNatives } from './natives.ts';
import { createOutcomes, queryOptions } from './outcomes.ts';
import {
  isNative,
  namesQuery,
  parts,
  queriesFor,
  reportingQuery,
  type Part,
  type Query,
} from './queries.ts';
import { createRowMemory, type RowMemory } from './row-memory.ts';
import { shortestWindowS, type Windows } from './window.ts';

export interface PrometheusSourceSettings extends PrometheusSettings {
  /**
   * Over how many seconds rates are taken: at least four scrape intervals. By windows: over a minute, or longer where the
   * server scrapes less often than every 15 s.
   */
  windowS?: number | Windows;
  /** Off for a source that tells only details (bytes, latency) of traffic that another one tells. */
  requests?: boolean;
  tcp?: boolean;
  bytes?: boolean;
  latency?: boolean;
  /** Whose pods are, to read Envoy's own counters of proxies without Istio's metrics; left out: they are not asked for. */
  whose?: Whose;
  /** How long what a partial answer leaves out stays as it was; then it counts as gone. */
  keepPartialMs?: number;
  /** PromQL matchers that every query gets, to find one mesh in a shared server. */
  matchers?: string;
}

/** What a store is filled from; one for each store, because series have numbers there. */
interface Filling {
  identities: Identities;
  memories: Map<string, RowMemory>;
  /** Numbers of namespaces, so that a part of a round can be told by them. */
  namespaces: Map<string, number>;
  /** By series: namespace that asked, times the number of parts, plus the part that tells. */
  partOf: number[];
}

/**
 * Telemetry from anything that speaks the HTTP API of Prometheus. A round asks a few mesh-wide queries; what
 * a failed one would have told stays as it was. A round for some namespaces asks for those alone.
 */
export function createPrometheusSource(settings: PrometheusSourceSettings): TelemetrySource {
  const { requests = true, tcp = true, bytes = false } = settings;
  const { latency = false, matchers = '', whose } = settings;
  const client = createPrometheusClient(settings);
  const fillings = new WeakMap<TelemetryStore, Filling>();
  const outcomes = createOutcomes(client, settings.keepPartialMs);
  const natives = whose
    ? createNatives(outcomes, { matchers, requests, bytes, latency, whose })
    : null;
  const { windowS: wanted = shortestWindowS } = settings;
  let last: Promise<unknown> = Promise.resolve();

  const fillingOf = (store: TelemetryStore): Filling => {
    let filling = fillings.get(store);
    if (filling === undefined) {
      const identities = createIdentities(store);
      filling = { identities, memories: new Map(), namespaces: new Map(), partOf: [] };
      fillings.set(store, filling);
    }
    return filling;
  };

  async function run(store: TelemetryStore, options: RoundOptions): Promise<Round> {
    const filling = fillingOf(store);
    const scope = options.scope ?? null;
    const windowS = typeof wanted === 'number' ? wanted : await wanted(client, options);
    const queries = queriesFor({ windowS, requests, tcp, bytes, latency, matchers, scope });
    store.begin();
    // They are few, and not parted by who asked: the share of all others has them.
    const asksNatives = scope === null || 'except' in scope;
    const [standard, native, named] = await Promise.all([
      Promise.all(queries.map((query) => askOne(query, store, filling, scope, options))),
      natives && asksNatives ? natives.ask(store, windowS, options) : [],
      Promise.all(options.names ? sides.map((side) => askNames(side, store, options)) : []),
    ]);
    const results = [...standard, ...native];
    const now = Date.now();
    const toldAt = results.find(({ atMs }) => atMs !== null)?.atMs ?? null;
    const problems = [...results, ...named].flatMap((result) => result.problems);
    const state = stateOf(
      results.some(({ hasTold }) => hasTold),
      problems,
    );
    problems.push(...clockProblems(now, toldAt, options.atMs));
    const failed = new Set<Part>(
      results.flatMap((result) => (result.isAnswered ? [] : result.parts)),
    );
    const isAsked = scopeOf(scope, filling);
    const changed = store.commit((number) => {
      const part = parts[number % parts.length]!;
      if (failed.has(part)) return true;
      return isNative(part) ? !asksNatives : !isAsked(Math.floor(number / parts.length));
    });
    const sum = (of: 'bytes' | 'rows' | 'dropped'): number =>
      [...results, ...named].reduce((total, result) => total + result[of], 0);
    return {
      state,
      problems: distinct(problems),
      at: toldAt ?? options.atMs ?? now,
      windowS,
      changed,
      asked: results.length + named.length,
      bytes: sum('bytes'),
      rows: sum('rows'),
      dropped: sum('dropped'),
    };
  }

  async function askNames(
    side: 'source' | 'destination',
    store: TelemetryStore,
    options: RoundOptions,
  ) {
    try {
      const answer = await client.query(
        namesQuery(side, matchers),
        (row, from, to) => {
          const labels = readLabels(row.toString('latin1', from, to));
          store.registry.endpoint(side, (name) => labels.get(name));
        },
        queryOptions(options),
      );
      return { problems: [], bytes: answer.bytes, rows: answer.rows, dropped: 0 };
    } catch (error) {
      return { problems: [toProblem(error)], bytes: 0, rows: 0, dropped: 0 };
    }
  }

  async function askOne(
    query: Query,
    store: TelemetryStore,
    filling: Filling,
    scope: Scope | null,
    options: RoundOptions,
  ) {
    const memory = memoryOf(filling, `${query.parts.join()} ${JSON.stringify(scope)}`);
    const told: number[] = [];
    let dropped = 0;
    memory.begin();
    const outcome = await outcomes.ask(query, queryOptions(options), (row, from, to, value) => {
      let series = memory.expected(row, from, to);
      if (series === unknown) series = look(query, filling, memory, row, from, to);
      if (series === refused) dropped++;
      else told.push(series, value);
    });
    if (outcome.hasTold) {
      memory.end();
      for (let row = 0; row < told.length; row += 2) {
        store.add(told[row]!, told[row + 1]!, filling.partOf[told[row]!]);
      }
    }
    return { ...outcome, dropped };
  }

  return {
    round: (store, options = {}) => {
      const mine = last.then(() => run(store, options));
      last = mine.catch(() => undefined);
      return mine;
    },
    reporting: async (signal) => {
      const pods = new Set<string>();
      await client.query(
        reportingQuery(matchers),
        (row, from, to) => {
          const labels = readLabels(row.toString('latin1', from, to));
          const pod = podOf((name) => labels.get(name));
          if (pod !== null) pods.add(`${pod.namespace}/${pod.pod}`);
        },
        signal ? { signal } : {},
      );
      return pods;
    },
    close: () => client.close(),
  };
}

/** Tells of the numbers of namespaces whether they were asked for. */
function scopeOf(scope: Scope | null, filling: Filling): (namespace: number) => boolean {
  if (scope === null) return () => true;
  const numbers = (names: readonly string[]): Set<number> =>
    new Set(names.map((name) => numberOf(filling, name)));
  if ('only' in scope) {
    const only = numbers(scope.only);
    return (namespace) => only.has(namespace);
  }
  const except = numbers(scope.except);
  return (namespace) => !except.has(namespace);
}

/** Clocks this far apart are worth saying; what is shown keeps the server's time. */
const clockMs = 30_000;

function clockProblems(now: number, atMs: number | null, asked: number | undefined): Problem[] {
  if (atMs === null || asked !== undefined || Math.abs(atMs - now) < clockMs) return [];
  const apart = Math.round(Math.abs(atMs - now) / 1000);
  const message = `The clock of Prometheus is ${apart} s ${atMs > now ? 'ahead of' : 'behind'} this one: set both by NTP, or changes and traffic will not fit together.`;
  return [{ kind: 'clock', message }];
}

function stateOf(hasTold: boolean, problems: Problem[]): Round['state'] {
  if (!hasTold) return 'failed';
  return problems.length > 0 ? 'partial' : 'ok';
}

/** Finds a row that was not expected here: known by its labels, or new. */
function look(
  query: Query,
  filling: Filling,
  memory: RowMemory,
  row: Buffer,
  from: number,
  to: number,
): number {
  const { identities, partOf } = filling;
  const hash = identities.read(row, from, to);
  if (hash === null) return refused;
  const known = memory.find(row, from, to, hash);
  if (known !== unknown) return known;
  const { series, sourceNamespace, reporter } = identities.identify(query, row);
  memory.add(row, from, to, hash, series < 0 ? refused : series);
  if (series < 0) return refused;
  const isSecond = query.parts.length > 1 && reporter !== 'source';
  const part = parts.indexOf(query.parts[isSecond ? 1 : 0]!);
  partOf[series] = numberOf(filling, sourceNamespace) * parts.length + part;
  return series;
}

const sides = ['source', 'destination'] as const;
const unknown = -1;
const refused = -2;

/** Queries whose rows are remembered; the one asked longest ago is forgotten first. */
const mostMemories = 128;

function memoryOf({ memories }: Filling, key: string): RowMemory {
  const memory = memories.get(key) ?? createRowMemory();
  memories.delete(key);
  memories.set(key, memory);
  if (memories.size > mostMemories) memories.delete(memories.keys().next().value!);
  return memory;
}

function numberOf({ namespaces }: Filling, name: string): number {
  let number = namespaces.get(name);
  if (number === undefined) namespaces.set(name, (number = namespaces.size));
  return number;
}

const distinct = (problems: Problem[]): Problem[] => [
  ...new Map(problems.map((problem) => [problem.message, problem])).values(),
];
