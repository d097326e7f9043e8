import type { Database } from '@ambit/db/database';
import { inTenant } from '@ambit/db/database';
import { tellRates } from '@ambit/telemetry/exposition/source';
import type { HistoryRow } from '@ambit/telemetry/history';
import { linkNamer } from '@ambit/telemetry/link';
import type { Problem, Round, TelemetrySource } from '@ambit/telemetry/source';
import type { TelemetryStore } from '@ambit/topology/store/telemetry-store';
import { facetOf } from '@ambit/topology/store/registry';
import { agoText } from '../agent-reads/ask.ts';
import {
  newestRates,
  ratesAt,
  ratesOver,
  telemetryStates,
  timesTold,
  type EdgeSeries,
} from './read.ts';
import type { Resolution } from './resolutions.ts';

/** A cluster whose agent tells of its traffic. */
export interface AgentTold {
  db: Database;
  organisationId: string;
  clusterId: string;
  clusterName: string;
  now?: () => Date;
  /** The cluster that a label means; each names itself when missing. */
  clusterOf?: (label: string) => string;
  /** How long rates are kept, where that is set otherwise than usual. */
  kept?: readonly Resolution[] | undefined;
}

/** Traffic that was told longer ago is not what is there now. */
export const staleAfterMs = 60_000;

/**
 * What the agent of a cluster tells, as any other source of telemetry. Asking costs a few rows of Postgres, and one while
 * there is nothing newer.
 */
export function createAgentSource(of: AgentTold): TelemetrySource {
  const { db, organisationId, clusterId, clusterName, kept, now = () => new Date() } = of;
  const newest = new WeakMap<TelemetryStore, Round>();
  return {
    round: (store, { atMs } = {}) =>
      inTenant(db, organisationId, async (tx): Promise<Round> => {
        const nowMs = now().getTime();
        const failed = (message: string, at = nowMs): Round => ({
          state: 'failed',
          problems: [{ kind: 'unavailable', message }],
          at,
          windowS: 0,
          changed: [],
          asked: 1,
          bytes: 0,
          rows: 0,
          dropped: 0,
        });
        if (atMs === undefined) {
          const told = (await timesTold(tx, [clusterId]))[0]?.getTime();
          if (told === undefined)
            return failed(`The agent of ${clusterName} has told of no traffic yet.`);
          const ageMs = nowMs - told;
          if (ageMs > staleAfterMs) {
            return failed(
              `The agent of ${clusterName} told of its traffic last ${agoText(ageMs)} ago: look at the agent.`,
              told,
            );
          }
          const before = newest.get(store);
          if (before?.at === told) return { ...before, changed: [] };
        }
        const moment =
          atMs === undefined
            ? await newestRates(db, tx, clusterId)
            : await ratesAt(db, tx, clusterId, atMs, nowMs, kept);
        if (!moment) return failed(`Nobody told of the traffic of ${clusterName} at that time.`);
        const [state] = await telemetryStates(tx, [clusterId]);
        const problems =
          atMs === undefined && state ? unreadProxies(clusterName, state.proxies) : [];
        const changed = tellRates(store, moment.rates);
        const round: Round = {
          state: problems.length > 0 ? 'partial' : 'ok',
          problems,
          at: moment.at.getTime(),
          windowS: moment.coveredMs / 1000,
          changed,
          asked: 1,
          bytes: 0,
          rows: moment.rates.length,
          dropped: store.dropped() + (state?.dropped.edges ?? 0),
        };
        if (atMs === undefined) newest.set(store, round);
        return round;
      }),
    reporting: () =>
      inTenant(db, organisationId, async (tx) => {
        const [state] = await telemetryStates(tx, [clusterId]);
        const told = state?.proxies.filter(({ problem, scrapedAt }) => !problem && scrapedAt) ?? [];
        return new Set(told.map(({ namespace, pod }) => `${namespace}/${pod}`));
      }),
    close: () => {},
  };
}

function unreadProxies(
  clusterName: string,
  proxies: readonly { namespace: string; pod: string; problem: string }[],
): Problem[] {
  const unread = proxies.filter(({ problem }) => problem !== '');
  const first = unread[0];
  if (!first) return [];
  const others = unread.length > 1 ? ` and ${unread.length - 1} others` : '';
  return [
    {
      kind: 'partial',
      message: `The metrics of ${first.namespace}/${first.pod}${others} in ${clusterName} cannot be read: ${first.problem}.`,
    },
  ];
}

/**
 * Rates over time of the edges that are wanted, as `historyOf` takes them.
 * @param wants of an edge's labels, Istio's
 */
export async function agentHistory(
  { db, organisationId, clusterId, clusterName, clusterOf, kept }: AgentTold,
  wants: (labels: Readonly<Record<string, string>>) => boolean,
  range: { fromMs: number; toMs: number; stepMs: number; nowMs: number },
): Promise<HistoryRow[]> {
  const series = await inTenant(db, organisationId, (tx) =>
    ratesOver(db, tx, clusterId, wants, range, kept),
  );
  return rowsOf(series, clusterId, linkNamer(clusterName, clusterOf));
}

/** Links that are told of one by one at most; of more, those are summed that the same proxies tell of. */
const mostLinks = 500;

/** Sums of what means the same, apart for each link. */
function rowsOf(
  { steps }: EdgeSeries,
  scope: string,
  nameOf: (labels: Readonly<Record<string, string>>) => string,
): HistoryRow[] {
  // Steps tell of the same edges with the same objects.
  const names = new Map<Readonly<Record<string, string>>, string>();
  const reporters = new Map<string, Set<string>>();
  for (const rates of steps) {
    for (const { labels } of rates ?? []) {
      if (names.has(labels)) continue;
      const link = nameOf(labels);
      names.set(labels, link);
      const known = reporters.get(link) ?? new Set();
      reporters.set(link, known.add(labels['reporter'] ?? ''));
    }
  }
  const linkOf = (labels: Readonly<Record<string, string>>): string => {
    const link = names.get(labels) ?? '';
    return reporters.size <= mostLinks ? link : [...(reporters.get(link) ?? [])].toSorted().join();
  };
  const groups = new Map<string, Map<string, HistoryRow>>();
  const groupOf = new Map<Readonly<Record<string, string>>, Map<string, HistoryRow>>();
  steps.forEach((rates, step) => {
    for (const { metric, labels, boundMs, rate } of rates ?? []) {
      let group = groupOf.get(labels);
      if (group === undefined) {
        const key = JSON.stringify([facetOf((name) => labels[name]), linkOf(labels)]);
        groupOf.set(labels, (group = groups.get(key) ?? new Map<string, HistoryRow>()));
        groups.set(key, group);
      }
      const kind = `${metric} ${boundMs}`;
      let row = group.get(kind);
      if (row === undefined) {
        const le: Record<string, string> =
          boundMs === undefined ? {} : { le: boundMs === Infinity ? '+Inf' : String(boundMs) };
        row = {
          metric,
          labels: { ...labels, ...le },
          // An edge that does not move in an interval that was told of is 0 there.
          values: steps.map((told) => (told ? 0 : undefined)),
          scope,
          link: linkOf(labels),
        };
        group.set(kind, row);
      }
      row.values[step] = (row.values[step] ?? 0) + rate;
    }
  });
  return [...groups.values()].flatMap((group) => [...group.values()]);
}
