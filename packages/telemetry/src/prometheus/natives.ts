import type { TelemetryStore } from '@ambit/topology/store/telemetry-store';
import type { Problem, RoundOptions } from '../source.ts';
import { readLabels } from './identities.ts';
import {
  createNativeReader,
  nativeClustersQuery,
  nativeCount,
  nativeProbe,
  nativeQuery,
  type NativeReader,
  type Whose,
} from './native.ts';
import { queryOptions, type Outcome, type Outcomes } from './outcomes.ts';
import { parts, type Part } from './queries.ts';

export interface NativeSettings {
  matchers: string;
  requests: boolean;
  bytes: boolean;
  latency: boolean;
  whose: Whose;
}

export interface Natives {
  /** Asks for what proxies without Istio's metrics tell, and adds it to the store's round. */
  ask(store: TelemetryStore, windowS: number, options: RoundOptions): Promise<Outcome[]>;
}

/** How often it is looked again whether there are any. */
const lookAgainMs = 60_000;

type NativeMetric = Parameters<typeof nativeQuery>[0];

export function createNatives(outcomes: Outcomes, settings: NativeSettings): Natives {
  const { requests, bytes, latency, whose, ...wanted } = settings;
  const asked: [Part, NativeMetric][] = [
    ...(requests ? [['native requests', 'requests'] as [Part, NativeMetric]] : []),
    ...(bytes
      ? ([
          ['native request bytes', 'requestBytes'],
          ['native response bytes', 'responseBytes'],
        ] as [Part, NativeMetric][])
      : []),
    ...(latency ? [['native durations', 'durationBucket'] as [Part, NativeMetric]] : []),
  ];
  const all = asked.map(([part]) => part);
  let known = { hasSome: false, untilMs: -Infinity };

  const tell = async (
    [part, metric]: [Part, NativeMetric],
    store: TelemetryStore,
    windowS: number,
    reader: NativeReader,
    round: RoundOptions,
  ): Promise<Outcome> => {
    const told: { labels: Map<string, string>; value: number }[] = [];
    const promql = nativeQuery(metric, windowS, wanted);
    const outcome = await outcomes.ask(
      { parts: [part], promql },
      queryOptions(round),
      (row, from, to, value) => {
        const labels = readLabels(row.toString('latin1', from, to));
        if (metric === 'requests') reader.counted(labels);
        told.push({ labels, value });
      },
    );
    if (!outcome.hasTold) return outcome;
    let dropped = 0;
    for (const { labels, value } of told) {
      const standard = reader.read(metric, labels);
      if (standard === null) continue;
      const series = seriesOf(store, metric, standard);
      if (series < 0) dropped++;
      else store.add(series, value, parts.indexOf(part));
    }
    return { ...outcome, dropped, problems: [...outcome.problems, ...unnamedProblems(reader)] };
  };

  const look = async (round: RoundOptions): Promise<{ hasSome: boolean; looks: Outcome[] }> => {
    const looks: Outcome[] = [];
    let found = 0;
    for (const promql of [nativeProbe(wanted), nativeCount(wanted)]) {
      found = 0;
      const outcome = await outcomes.ask(
        { parts: all, promql },
        queryOptions(round),
        (_row, _from, _to, value) => (found = value),
      );
      looks.push(outcome);
      if (found === 0) break;
    }
    return { hasSome: found > 0, looks };
  };

  return {
    ask: async (store, windowS, round) => {
      const isNow = round.atMs === undefined;
      const isKnown = isNow && performance.now() < known.untilMs;
      const { hasSome, looks } = isKnown
        ? { hasSome: known.hasSome, looks: [] }
        : await look(round);
      if (isNow && !isKnown && looks.every(({ isAnswered }) => isAnswered)) {
        known = { hasSome, untilMs: performance.now() + lookAgainMs };
      }
      if (!hasSome) return looks;
      const reader = createNativeReader(whose);
      const clusters = requests
        ? []
        : [
            await outcomes.ask(
              { parts: all, promql: nativeClustersQuery(wanted) },
              queryOptions(round),
              (row, from, to) => reader.counted(readLabels(row.toString('latin1', from, to))),
            ),
          ];
      if (clusters.some(({ hasTold }) => !hasTold)) return [...looks, ...clusters];
      const told = await Promise.all(
        asked.map((each) => tell(each, store, windowS, reader, round)),
      );
      return [...looks, ...clusters, ...told];
    },
  };
}

export function unnamedProblems({ unnamed }: NativeReader): Problem[] {
  if (unnamed() === 0) return [];
  const message = `${unnamed()} series of Envoy's own counters say no pod, so nobody knows who asked: let the scrape configuration add the labels namespace and pod.`;
  return [{ kind: 'partial', message }];
}

function seriesOf(
  store: TelemetryStore,
  metric: NativeMetric,
  labels: Record<string, string>,
): number {
  const { registry } = store;
  const label = (name: string): string | undefined => labels[name];
  const { le } = labels;
  return store.series(
    metric,
    registry.endpoint('source', label),
    registry.service(label),
    registry.endpoint('destination', label),
    registry.facet(label),
    le === undefined ? undefined : le === '+Inf' ? Infinity : Number(le),
  );
}
