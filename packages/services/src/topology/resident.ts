import { inTenant } from '@ambit/db/database';
import { follow, type Follower } from '@ambit/telemetry/follow';
import { mostSharers, shareStore } from '@ambit/telemetry/share-store';
import type { Whose } from '@ambit/telemetry/prometheus/native';
import type { Round, TelemetrySource } from '@ambit/telemetry/source';
import type { Inventory } from '@ambit/topology/inventory';
import { createTelemetryStore, type TelemetryStore } from '@ambit/topology/store/telemetry-store';
import type { ViewOptions } from '@ambit/topology/view/options';
import { recordStatus } from '../integration/status.ts';
import { effectsOf } from '../kernel/effects.ts';
import type { Platform } from '../kernel/context.ts';
import { inventoryOf, type Facts } from './inventory.ts';
import { whoseIn } from './whose.ts';
import { loadMesh, type MeshKnown } from './load.ts';
import { paceOf } from './pace.ts';
import { createShown, type Shown } from './shown.ts';
import {
  pending,
  sourcesOf,
  standingAfter,
  toTopologySource,
  windowOf,
  type Source,
  type Standing,
} from './sources.ts';

/** Series that are kept of one mesh that somebody looks at; about 0.5 kB each. */
export const mostSeriesKept = 500_000;

export interface ResidentSettings {
  platform: Platform;
  organisationId: string;
  meshId: string;
}

/** The graph of one mesh, kept fresh in memory while somebody looks. */
export interface Resident {
  readonly organisationId: string;
  lastLookAt: number;
  /** The graph as these options show it. */
  shown(options: ViewOptions): Shown;
  /** Resolves when every source has answered once, or after the time. */
  ready(budgetMs: number): Promise<void>;
  state(): ResidentState;
  /** The last rates; to be read only. */
  readonly store: TelemetryStore;
  /** How each source stands; `details` (latency, bytes) apart: null where they come with the rest. */
  standings(): { source: Source; traffic: Standing; details: Standing | null }[];
  readonly sources: () => readonly Source[];
  readonly mesh: () => MeshKnown;
  readonly inventory: () => Inventory;
  /** Whose proxies pods are, by what agents told last. */
  readonly whose: Whose;
  end(): Promise<void>;
}

export interface ResidentState {
  sources: ReturnType<typeof toTopologySource>[];
  /** Of the newest round, and of the oldest that a source of this told. */
  atMs: number;
  /** Over how many seconds rates are. */
  windowS: number;
  oldestMs: number | null;
  dropped: number;
}

interface Fed {
  source: Source;
  number: number;
  store: TelemetryStore;
  standing: Standing;
  details: Standing | null;
  opened: TelemetrySource[];
  followers: Follower[];
  first: Promise<void>;
  dropped: number;
  recordedAt: number;
}

/** How often it is noted that an integration answers as before. */
const recordEveryMs = 60_000;

/** What agents told is looked for this often at least: half of how often they tell. */
const mostAgentEveryMs = 5_000;
/** Bytes and latency are asked for this much more seldom. */
const detailsEvery = 4;
/** And so is whose proxies are told of, than the mesh is looked at again. */
const reportingEvery = 6;
const viewsAtMost = 6;
const viewIdleMs = 120_000;

/** @returns null when there is no such mesh in the organisation */
export async function createResident(settings: ResidentSettings): Promise<Resident | null> {
  const { platform, organisationId, meshId } = settings;
  const { everyMs, renewEveryMs, tellEveryMs } = paceOf(platform);
  const agentEveryMs = Math.min(everyMs, mostAgentEveryMs);
  const { db } = platform;
  const read = (have?: MeshKnown) =>
    inTenant(db, organisationId, (tx) => loadMesh(tx, meshId, have));
  const found = await read();
  if (found === null) return null;

  let mesh = found;
  let facts: Facts = found.facts ?? { clusters: [], policies: [] };
  let reporting: ReadonlySet<string> | null = null;
  let reportingAt = 0;
  let inventory = inventoryOf(facts);
  let inventoryText = JSON.stringify(inventory);
  let whoseNow = whoseIn(facts, inventory);
  const whose: Whose = (pod) => whoseNow(pod);
  let atMs: number | null = null;
  let ended = false;
  let tellTimer: NodeJS.Timeout | undefined;
  const store = createTelemetryStore(mesh.clusters[0]?.name ?? mesh.name, {
    series: mostSeriesKept,
  });
  const views = new Map<string, Shown>();
  const feds = new Map<string, Fed>();

  /** Tells consoles, at most every few seconds, that there is something to fetch. */
  const tell = (): void => {
    if (tellTimer !== undefined || ended) return;
    tellTimer = setTimeout(() => {
      tellTimer = undefined;
      inTenant(db, organisationId, (tx) =>
        effectsOf(tx, organisationId).changed('topology', meshId, 'updated', meshId),
      ).catch((error: unknown) => platform.complain?.('a topology could not be told', error));
    }, tellEveryMs).unref();
  };

  const show = (change: (shown: Shown) => boolean): void => {
    let moved = false;
    for (const [key, shown] of views) {
      if (Date.now() - shown.lastLookAt > viewIdleMs) views.delete(key);
      else moved = change(shown) || moved;
    }
    if (moved) tell();
  };

  const take = (fed: Fed, of: 'standing' | 'details', round: Round): void => {
    const { source } = fed;
    const before = fed[of] ?? pending;
    // A share of the mesh tells of a share of what is left out.
    fed.dropped = Math.max(fed.dropped, round.dropped);
    const next = standingAfter(before, round, source, of === 'standing' ? notesOf(fed) : []);
    fed[of] = next;
    if (of === 'standing' && round.state !== 'failed') atMs = Math.max(atMs ?? 0, round.at);
    if (round.changed.length > 0) show((shown) => shown.update(round.changed));
    const isNews =
      before.state !== next.state ||
      JSON.stringify(before.problems) !== JSON.stringify(next.problems);
    if (isNews) tell();
    const isDue = isNews || Date.now() - fed.recordedAt > recordEveryMs;
    if (isDue && source.integrationId !== null && next.state !== 'pending' && of === 'standing') {
      fed.recordedAt = Date.now();
      const { state, problems } = next;
      recordStatus(
        db,
        organisationId,
        source.integrationId,
        { state, problems },
        platform.now(),
      ).catch((error: unknown) =>
        platform.complain?.('the status of an integration was not kept', error),
      );
    }
  };

  const start = (source: Source): void => {
    const taken = new Set([...feds.values()].map(({ number }) => number));
    const number = Array.from({ length: mostSharers / 2 }, (_, at) => at * 2).find(
      (each) => !taken.has(each),
    );
    if (number === undefined) return;
    const traffic = source.open('traffic', whose);
    if (traffic === null) return;
    const shared = shareStore(store, number, source.clusterOf);
    let isFirst = (): void => {};
    const first = new Promise<void>((resolve) => (isFirst = resolve));
    const fed: Fed = {
      source,
      number,
      store: shared,
      standing: pending,
      details: null,
      opened: [traffic],
      followers: [],
      first,
      dropped: 0,
      recordedAt: 0,
    };
    fed.followers.push(
      follow({
        source: traffic,
        store: shared,
        everyMs,
        // Rows of our own cost little to ask for, and a new mesh is looked at when nothing is told of it yet.
        ...(source.kind === 'agent'
          ? { everyMs: agentEveryMs, longestPauseMs: agentEveryMs, linksEach: Infinity }
          : {}),
        onRound: (round) => {
          take(fed, 'standing', round);
          isFirst();
        },
      }),
    );
    feds.set(source.key, fed);
    void first.then(() => {
      const details = ended || feds.get(source.key) !== fed ? null : source.open('details', whose);
      if (details === null) return;
      fed.opened.push(details);
      fed.followers.push(
        follow({
          source: details,
          store: shareStore(store, number + 1, source.clusterOf),
          everyMs: everyMs * detailsEvery,
          linksEach: Infinity,
          onRound: (round) => take(fed, 'details', round),
        }),
      );
    });
  };

  const stop = async (fed: Fed): Promise<void> => {
    feds.delete(fed.source.key);
    const stopped = Promise.all(fed.followers.map((follower) => follower.stop()));
    for (const each of fed.opened) each.close();
    await stopped;
    if (ended) return;
    const gone = [fed.number, fed.number + 1].flatMap((number) => {
      const empty = shareStore(store, number);
      empty.begin();
      return empty.commit();
    });
    show((shown) => shown.update(gone));
  };

  const setSources = async (sources: readonly Source[]): Promise<void> => {
    const wanted = new Set(sources.map(({ key }) => key));
    await Promise.all([...feds.values()].filter(({ source }) => !wanted.has(source.key)).map(stop));
    for (const source of sources) if (!feds.has(source.key) && !ended) start(source);
  };

  const takeFacts = (next: Facts, pods: ReadonlySet<string> | null): void => {
    const isNews = next !== facts;
    facts = next;
    reporting = pods;
    const made = inventoryOf(facts, reporting);
    const text = JSON.stringify(made);
    const isOther = text !== inventoryText;
    if (isOther) [inventory, inventoryText] = [made, text];
    if (isNews) whoseNow = whoseIn(facts, inventory);
    // For another inventory everything is placed again, and most reports of proxies change nothing of it.
    if (isOther) show((shown) => shown.setInventory(inventory));
  };

  /** Asks whose proxies servers of metrics tell of; null when one of them does not say. Nobody waits for it. */
  const renewReporting = async (): Promise<void> => {
    reportingAt = Infinity;
    const pods = await askReporting();
    reportingAt = Date.now();
    if (!ended && !isSameSet(pods, reporting)) takeFacts(facts, pods);
  };

  const askReporting = async (): Promise<ReadonlySet<string> | null> => {
    const asked = [...feds.values()].filter(({ source }) => source.kind === 'prometheus');
    if (asked.length === 0) return null;
    try {
      const told = await Promise.all(asked.map(({ opened }) => opened[0]!.reporting()));
      const pods = new Set(told.flatMap((each) => [...each]));
      return pods.size === 0 ? null : pods;
    } catch {
      return null;
    }
  };

  /** Looks whether the mesh, its clusters or its sources are others now. */
  const renew = async (): Promise<void> => {
    const next = await read(mesh);
    if (next === null || ended) return;
    mesh = next;
    if (next.facts !== null) takeFacts(next.facts, reporting);
    else if (next.proxies !== null) takeFacts(withProxies(facts, next.proxies), reporting);
    if (Date.now() - reportingAt > renewEveryMs * reportingEvery) void renewReporting();
    await setSources(await sourcesOf(platform, mesh, organisationId));
  };

  await setSources(await sourcesOf(platform, mesh, organisationId));
  let renewing: Promise<void> | null = null;
  const renewTimer = setInterval(() => {
    renewing ??= renew()
      .catch((error: unknown) => platform.complain?.('a mesh could not be looked at again', error))
      .finally(() => (renewing = null));
  }, renewEveryMs).unref();

  return {
    organisationId,
    lastLookAt: Date.now(),
    sources: () => [...feds.values()].map(({ source }) => source),
    store,
    standings: () =>
      [...feds.values()].map(({ source, standing: traffic, details }) => ({
        source,
        traffic,
        details,
      })),
    mesh: () => mesh,
    inventory: () => inventory,
    whose,
    shown: (options) => {
      const key = JSON.stringify([options.by, options.services, options.ambient, options.idle]);
      let shown = views.get(key);
      if (shown === undefined) {
        if (views.size >= viewsAtMost) {
          const oldest = [...views].toSorted(([, a], [, b]) => a.lastLookAt - b.lastLookAt)[0];
          if (oldest) views.delete(oldest[0]);
        }
        shown = createShown(store, options, inventory);
        views.set(key, shown);
      }
      shown.lastLookAt = Date.now();
      return shown;
    },
    ready: async (budgetMs) => {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        Promise.all([...feds.values()].map(({ first }) => first)),
        new Promise<void>((resolve) => (timer = setTimeout(resolve, budgetMs))),
      ]);
      clearTimeout(timer);
    },
    state: () => {
      const all = [...feds.values()];
      const times = all.flatMap(({ standing }) => standing.atMs ?? []);
      return {
        sources: all.map(({ source, standing, details }) =>
          toTopologySource(source, withDetails(standing, details)),
        ),
        atMs: atMs ?? platform.now().getTime(),
        windowS: windowOf(all.map(({ standing }) => standing)),
        oldestMs: times.length === 0 ? null : Math.min(...times),
        dropped: all.reduce((sum, fed) => sum + fed.dropped, 0),
      };
    },
    end: async () => {
      ended = true;
      clearTimeout(tellTimer);
      clearInterval(renewTimer);
      await renewing;
      await Promise.all([...feds.values()].map(stop));
    },
  };
}

const withProxies = (facts: Facts, proxies: NonNullable<MeshKnown['proxies']>): Facts => ({
  ...facts,
  clusters: facts.clusters.map((cluster, at) => ({ ...cluster, proxies: proxies[at] ?? null })),
});

const isSameSet = (a: ReadonlySet<string> | null, b: ReadonlySet<string> | null): boolean =>
  a === b || (a !== null && b !== null && a.size === b.size && [...a].every((each) => b.has(each)));

const notesOf = ({ source, dropped }: Fed): string[] =>
  dropped === 0
    ? source.notes
    : [
        ...source.notes,
        `${dropped} rows of ${source.name} are left out: they cannot be read, or are beyond the ${mostSeriesKept.toLocaleString('en')} series that are kept of a mesh. Narrow it by matchers.`,
      ];

/** A source whose details are missing tells in part. */
function withDetails(standing: Standing, details: Standing | null): Standing {
  if (details === null || details.state === 'ok' || details.state === 'pending') return standing;
  if (standing.state !== 'ok' && standing.state !== 'partial') return standing;
  const more = details.problems.map((text) => `Latency and bytes are missing or old: ${text}`);
  return { ...standing, state: 'partial', problems: [...standing.problems, ...more].slice(0, 10) };
}
