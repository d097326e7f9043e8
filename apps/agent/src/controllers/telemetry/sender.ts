import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  telemetryLimits,
  telemetryPaths,
  telemetryReplySchema,
  type ReportedProxy,
  type TelemetryReport,
} from '@ambit/contracts/agent/telemetry';
import type { FoldedEdge } from '@ambit/telemetry/exposition/fold';
import { LinkError } from '../../link/http.ts';
import type { Session } from '../../link/session.ts';
import { toColumns, type drainRows } from './wire.ts';

const zip = promisify(gzip);

export interface Interval {
  /** What moved; empty for an agent that does not scrape. */
  rows: ReturnType<typeof drainRows>;
  scrapes: boolean;
  windowS: number;
  proxies: ReportedProxy[];
  badSamples: number;
}

export interface TelemetrySender {
  numberOf(edge: FoldedEdge): number;
  /**
   * Sends an interval, or drops it: while one is on its way, and when the platform does not take it in time. Nothing is
   * kept for later. @returns whether the platform took it
   */
  send(interval: Interval, signal: AbortSignal): Promise<boolean>;
  readonly sent: () => { bytes: number; reports: number; dropped: number };
}

/** All proxies are told of again after this long, even when nothing but the moment of their scrape changed. */
const proxiesEveryMs = 60_000;

/**
 * What of a proxy is told as soon as it changes. When it was read last and what it showed changes always, and is told now
 * and then: but not whom it misses.
 */
const digestOf = ({ scrapedAt, admin, ...rest }: ReportedProxy): string =>
  JSON.stringify([
    rest,
    scrapedAt !== null,
    admin && [admin.readAt !== null, admin.problem, admin.misses],
  ]);

/** What a report says of proxies; of those that are as they were told nothing. */
function proxiesOf(
  proxies: ReportedProxy[],
  digests: ReadonlyMap<string, string>,
  told: ReadonlyMap<string, string> | null,
): Pick<TelemetryReport, 'proxies' | 'changed'> {
  if (told === null) return { proxies };
  const put = proxies.filter((proxy) => told.get(keyOf(proxy)) !== digests.get(keyOf(proxy)));
  const gone = [...told.keys()].filter((key) => !digests.has(key));
  return put.length + gone.length === 0
    ? { proxies: null }
    : { proxies: null, changed: { put, gone } };
}

const keyOf = ({ namespace, pod }: ReportedProxy): string => `${namespace}/${pod}`;

export function telemetrySender(
  session: Pick<Session, 'call' | 'nowMs'>,
  say: (level: 'warn', message: string) => void,
): TelemetrySender {
  let life = { bootId: randomUUID(), startedAt: Math.floor(session.nowMs()) };
  let numbers = new WeakMap<FoldedEdge, number>();
  let seq = 0;
  let isSending = false;
  /** Digests of the proxies that were told in this life; null: none were. */
  let told: ReadonlyMap<string, string> | null = null;
  let toldAt = -Infinity;
  let droppedReports = 0;
  let complained = false;
  const sum = { bytes: 0, reports: 0, dropped: 0 };
  const numberOf = (edge: FoldedEdge): number => numbers.get(edge) ?? 0;

  const anew = () => {
    life = {
      bootId: randomUUID(),
      startedAt: Math.max(Math.floor(session.nowMs()), life.startedAt + 1),
    };
    numbers = new WeakMap();
    seq = 0;
    told = null;
  };

  const post = async (interval: Interval, signal: AbortSignal): Promise<boolean> => {
    const rows = interval.rows.map((row) => ({ ...row, number: numberOf(row.edge) }));
    const { fresh, left, ...columns } = toColumns(rows);
    const proxies = interval.proxies.slice(0, telemetryLimits.proxiesPerCluster);
    const digests = new Map(proxies.map((proxy) => [keyOf(proxy), digestOf(proxy)]));
    const isDue = performance.now() - toldAt > proxiesEveryMs;
    const said = proxiesOf(proxies, digests, isDue ? null : told);
    const report: TelemetryReport = {
      ...life,
      seq,
      scrapes: interval.scrapes,
      at: Math.floor(session.nowMs()),
      windowS: interval.windowS,
      ...columns,
      ...said,
      dropped: { edges: left, reports: droppedReports, samples: interval.badSamples },
    };
    const body = await zip(JSON.stringify(report));
    const { bytes } = await session.call(telemetryPaths.telemetry, {
      gzip: body,
      signal,
      timeoutMs: telemetryLimits.everyMs,
    });
    sum.bytes += body.length;
    const reply = telemetryReplySchema.parse(JSON.parse(bytes.toString()));
    if (!reply.accepted) return false;
    fresh.forEach((edge, at) => {
      const number = reply.numbers[at] ?? 0;
      if (number > 0) numbers.set(edge, number);
    });
    told = digests;
    if (said.proxies) toldAt = performance.now();
    seq += 1;
    droppedReports = 0;
    sum.reports += 1;
    return true;
  };

  const drop = (why: string) => {
    droppedReports += 1;
    sum.dropped += 1;
    if (!complained) say('warn', `telemetry is dropped: ${why}`);
    complained = true;
  };

  return {
    numberOf,
    sent: () => sum,
    send: async (interval, signal) => {
      if (isSending) {
        drop('the report before is still on its way');
        return false;
      }
      isSending = true;
      try {
        let taken = await post(interval, signal);
        if (!taken) {
          anew();
          taken = await post(interval, signal);
        }
        if (taken) complained = false;
        else drop('the platform does not take it');
        return taken;
      } catch (error) {
        if (signal.aborted) return false;
        drop(error instanceof LinkError ? error.message : String(error));
        return false;
      } finally {
        isSending = false;
      }
    },
  };
}
