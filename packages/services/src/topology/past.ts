import { inTenant, type Database } from '@ambit/db/database';
import { shareStore } from '@ambit/telemetry/share-store';
import type { Whose } from '@ambit/telemetry/prometheus/native';
import { createTelemetryStore, type TelemetryStore } from '@ambit/topology/store/telemetry-store';
import type { ViewOptions } from '@ambit/topology/view/options';
import type { GraphMessage } from '@ambit/topology/wire/message';
import type { Platform } from '../kernel/context.ts';
import { notFound } from '../kernel/errors.ts';
import { inventoryOf } from './inventory.ts';
import { loadMesh } from './load.ts';
import { mostSeriesKept } from './resident.ts';
import { createShown } from './shown.ts';
import {
  pending,
  sourcesOf,
  standingAfter,
  toTopologySource,
  windowOf,
  type Source,
  type Standing,
} from './sources.ts';
import { whoseIn } from './whose.ts';

/** A mesh at a moment that is over. */
export interface Moment {
  message(options: ViewOptions): GraphMessage;
  sources: ReturnType<typeof toTopologySource>[];
  oldestMs: number | null;
  dropped: number;
}

/** Moments that one process keeps, and for how long. */
const mostMoments = 8;
const keptMs = 5 * 60_000;

interface Kept {
  moment: Promise<Moment>;
  at: number;
}
const ofProcess = new WeakMap<Database, Map<string, Kept>>();

/**
 * The mesh as its sources remember it at a moment, within the time: a source that takes longer is told of as such, and
 * asked again by who looks again. Shapes (which workload is a waypoint) are those of now.
 * @throws AmbitError not_found
 */
export function momentOf(
  platform: Platform,
  organisationId: string,
  meshId: string,
  at: Date,
  budgetMs: number,
): Promise<Moment> {
  const kept = ofProcess.get(platform.db) ?? new Map<string, Kept>();
  ofProcess.set(platform.db, kept);
  const key = `${organisationId}/${meshId}/${at.getTime()}`;
  const found = kept.get(key);
  if (found && Date.now() - found.at < keptMs) return found.moment;
  const moment = read(platform, organisationId, meshId, at, budgetMs);
  kept.delete(key);
  kept.set(key, { moment, at: Date.now() });
  if (kept.size > mostMoments) kept.delete(kept.keys().next().value!);
  const forget = (): void => {
    if (kept.get(key)?.moment === moment) kept.delete(key);
  };
  moment.then(({ sources }) => {
    if (sources.some(({ state }) => state !== 'ok')) forget();
  }, forget);
  return moment;
}

async function read(
  platform: Platform,
  organisationId: string,
  meshId: string,
  at: Date,
  budgetMs: number,
): Promise<Moment> {
  const mesh = await inTenant(platform.db, organisationId, (tx) => loadMesh(tx, meshId));
  if (mesh === null) throw notFound('mesh', meshId);
  const store = createTelemetryStore(mesh.clusters[0]?.name ?? mesh.name, {
    series: mostSeriesKept,
  });
  const sources = await sourcesOf(platform, mesh, organisationId);
  const signal = AbortSignal.timeout(budgetMs);
  const facts = mesh.facts ?? { clusters: [], policies: [] };
  const inventory = inventoryOf(facts);
  const whose = whoseIn(facts, inventory);
  let dropped = 0;
  const standings = await Promise.all(
    sources.map(async (source, number) => {
      const { standing, left } = await ask(source, store, number, { at, whose, signal });
      dropped += left;
      return standing;
    }),
  );
  const stamp = { at: at.getTime(), windowS: windowOf(standings) };
  const messages = new Map<string, GraphMessage>();
  const times = standings.flatMap(({ atMs }) => atMs ?? []);
  return {
    message: (options) => {
      const key = JSON.stringify(options);
      const found = messages.get(key);
      if (found) return found;
      const message = createShown(store, options, inventory).message(stamp, undefined);
      messages.set(key, message);
      return message;
    },
    sources: sources.map((source, number) => toTopologySource(source, standings[number]!)),
    oldestMs: times.length === 0 ? null : Math.min(...times),
    dropped,
  };
}

async function ask(
  source: Source,
  store: TelemetryStore,
  number: number,
  { at, whose, signal }: { at: Date; whose: Whose; signal: AbortSignal },
): Promise<{ standing: Standing; left: number }> {
  const rounds = await Promise.all(
    (['traffic', 'details'] as const).map(async (what, offset) => {
      const opened = source.open(what, whose);
      if (opened === null) return null;
      try {
        const shared = shareStore(store, number * 2 + offset, source.clusterOf);
        return await opened.round(shared, {
          atMs: at.getTime(),
          names: what === 'traffic',
          signal,
        });
      } finally {
        opened.close();
      }
    }),
  );
  const [traffic, details] = rounds;
  if (!traffic) return { standing: pending, left: 0 };
  const more = details?.state === 'ok' ? [] : (details?.problems ?? []);
  const round = { ...traffic, problems: [...traffic.problems, ...more] };
  const standing = standingAfter({ ...pending, atMs: 0 }, round, source, source.notes);
  return {
    standing: traffic.state === 'failed' ? { ...standing, atMs: null } : standing,
    left: traffic.dropped + (details?.dropped ?? 0),
  };
}
