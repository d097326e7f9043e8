import { traceGet, traceList, traceServices } from '@ambit/contracts/operations/trace';
import { toProblem } from '@ambit/telemetry/source';
import { endOf, mostSpans } from '@ambit/telemetry/traces/trace';
import { integrationsOf } from '../integration/rows.ts';
import { openIntegration, type IntegrationRow } from '../integration/settings.ts';
import type { Context, Platform } from '../kernel/context.ts';
import { AmbitError, invalid } from '../kernel/errors.ts';
import { implementOutside } from '../kernel/implement.ts';
import { requireMesh } from '../mesh/lock.ts';
import { traceLink } from './link.ts';
import { openTraces } from './open.ts';

const kinds = ['jaeger', 'tempo', 'zipkin'] as const;
const hourMs = 3_600_000;

async function serversOf({ tx }: Context, meshId: string): Promise<IntegrationRow[]> {
  await requireMesh(tx, meshId);
  return integrationsOf(tx, meshId, kinds);
}

/** Asks every server; one that fails takes nothing from the others. */
async function askAll<T>(
  platform: Platform,
  rows: IntegrationRow[],
  ask: (source: ReturnType<typeof openTraces>) => Promise<T>,
): Promise<{ row: IntegrationRow; told: T | null; problem: string }[]> {
  return Promise.all(
    rows.map(async (row) => {
      const source = openTraces(platform, await openIntegration(platform.db, row));
      try {
        return { row, told: await ask(source), problem: '' };
      } catch (error) {
        return { row, told: null, problem: toProblem(error).message };
      } finally {
        source.close();
      }
    }),
  );
}

export const listTraces = implementOutside(
  traceList,
  (context, { meshId }) => serversOf(context, meshId),
  async ({ platform }, input, rows) => {
    const { service, minDurationMs, failed, limit } = input;
    const toMs = input.to === undefined ? platform.now().getTime() : Date.parse(input.to);
    const fromMs = input.from === undefined ? toMs - hourMs : Date.parse(input.from);
    if (fromMs >= toMs) {
      throw invalid('the span is empty', [
        { path: 'from', message: 'expected a time before `to`' },
      ]);
    }
    const search = {
      service,
      fromMs,
      toMs,
      limit,
      failed: failed === 'true',
      ...(minDurationMs === undefined ? {} : { minDurationMs }),
    };
    const asked = await askAll(platform, rows, (source) => source.list(search));
    return {
      items: asked
        .flatMap(({ row, told }) =>
          (told ?? []).map(({ startMs, ...head }) => ({
            ...head,
            integrationId: row.id,
            startedAt: timeOf(startMs),
            link: traceLink(row, head.traceId),
          })),
        )
        .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
        .slice(0, limit),
      sources: asked.map(toSource),
    };
  },
);

/** Names that are told of at most; more fit into no list. */
const mostNames = 2_000;

export const listTraceServices = implementOutside(
  traceServices,
  (context, { meshId }) => serversOf(context, meshId),
  async ({ platform }, _input, rows) => {
    const asked = await askAll(platform, rows, (source) => source.services());
    const names = new Set(asked.flatMap(({ told }) => told ?? []));
    return { items: [...names].sort().slice(0, mostNames), sources: asked.map(toSource) };
  },
);

const toSource = ({ row, problem }: { row: IntegrationRow; problem: string }) => ({
  integrationId: row.id,
  name: row.name,
  kind: row.kind as (typeof kinds)[number],
  state: problem === '' ? ('ok' as const) : ('failed' as const),
  problem,
});

export const getTrace = implementOutside(
  traceGet,
  (context, { meshId }) => serversOf(context, meshId),
  async ({ platform }, { traceId }, rows) => {
    const asked = await askAll(platform, rows, (source) => source.get(traceId));
    const found = asked.find(({ told }) => told !== null);
    if (!found?.told) {
      const failed = asked.find(({ problem }) => problem !== '');
      if (failed) throw new AmbitError('unavailable', `${failed.row.name}: ${failed.problem}`);
      throw new AmbitError(
        'not_found',
        rows.length === 0
          ? 'no server of traces is connected to this mesh'
          : `no server of traces knows ${traceId}`,
        { fix: 'connect Jaeger, Tempo or Zipkin under Integrations; old traces are forgotten' },
      );
    }
    const spans = found.told;
    const startMs = spans[0]!.startMs;
    return {
      traceId,
      integrationId: found.row.id,
      startedAt: timeOf(startMs),
      durationMs: endOf(spans) - startMs,
      link: traceLink(found.row, traceId),
      spans: spans.map(({ startMs: at, events, ...span }) => ({
        ...span,
        startMs: at - startMs,
        events: events.map((event) => ({ ...event, atMs: event.atMs - startMs })),
      })),
      truncated: spans.length >= mostSpans,
    };
  },
);

const timeOf = (ms: number): string =>
  new Date(Number.isFinite(ms) && ms > 0 && ms < 8e15 ? ms : 0).toISOString();
