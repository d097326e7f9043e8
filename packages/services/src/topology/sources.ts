import type { TopologySource } from '@ambit/contracts/operations/topology';
import { createPrometheusClient } from '@ambit/telemetry/prometheus/client';
import { readHistory, type HistoryAnswer } from '@ambit/telemetry/prometheus/history';
import type { Whose } from '@ambit/telemetry/prometheus/native';
import { createPrometheusSource } from '@ambit/telemetry/prometheus/source';
import { createWindows, type Windows } from '@ambit/telemetry/prometheus/window';
import { fitsEnds, type Ends } from '@ambit/telemetry/side';
import type { Round, TelemetrySource } from '@ambit/telemetry/source';
import { openIntegration, type OpenIntegration } from '../integration/settings.ts';
import { longestAnswer, transportOf, type Reacher } from '../integration/transport.ts';
import type { Platform } from '../kernel/context.ts';
import { agentHistory, createAgentSource } from '../telemetry-store/source.ts';
import type { MeshKnown } from './load.ts';

/** A source of a mesh's telemetry before it is asked. */
export interface Source {
  /** Of what it is and how it is set: equal keys are equal sources. */
  key: string;
  kind: TopologySource['kind'];
  integrationId: string | null;
  clusterId: string | null;
  name: string;
  /** Whether what it tells belongs to one cluster. */
  clusterOf: (label: string) => string;
  /** What is wrong with how it is set, in sentences. */
  notes: string[];
  /**
   * Makes what asks it. `details`: bytes and latency, which cost more than all else.
   * @param whose proxies are, for servers that have Envoy's own counters alone
   */
  open(what: 'traffic' | 'details', whose: Whose): TelemetrySource | null;
  /** Series between ends over time. Throws SourceError. */
  history(question: HistoryAsked): Promise<HistoryAnswer>;
}

export interface HistoryAsked extends Ends {
  /** Seconds since 1970, both ends included. */
  fromS: number;
  toS: number;
  stepS: number;
  budgetMs: number;
  whose: Whose;
}

/** Over how many seconds rates are taken where nobody needs longer. */
export const defaultWindowS = 60;

/** Prometheus servers that tell of a mesh, and how each is asked. */
async function prometheusSources(platform: Reacher, mesh: MeshKnown): Promise<Source[]> {
  return Promise.all(
    mesh.integrations.map(async (row): Promise<Source> => {
      const integration = await openIntegration(platform.db, row);
      const { settings, clusterId } = integration;
      const cluster = mesh.clusters.find(({ id }) => id === clusterId)?.name ?? null;
      const matchers = matchersFor(settings.matchers, { mesh: mesh.name, cluster });
      const isShared = row.clusterId === null && row.meshId === null && mesh.meshes > 1;
      const clusterOf = clusterNamer(mesh, cluster);
      const windows = createWindows(matchers);
      return {
        key: `${row.id}/${row.version}/${mesh.name}/${cluster}/${isShared}`,
        kind: 'prometheus',
        integrationId: row.id,
        clusterId,
        name: row.name,
        clusterOf,
        notes:
          isShared && matchers === ''
            ? [
                `${row.name} is for the whole organisation and asked for everything it has: traffic of other meshes may be among it. Give it matchers, such as mesh_id="$mesh", or a mesh.`,
              ]
            : [],
        open: (what, whose) => {
          if (what === 'details' && !settings.latency) return null;
          const isDetails = what === 'details';
          return createPrometheusSource({
            url: integration.url,
            headers: integration.headers,
            timeoutMs: settings.timeoutMs,
            matchers,
            windowS: windows,
            whose: (pod) => whose({ ...pod, cluster: clusterOf(pod.cluster) }),
            longestAnswer,
            concurrency: isDetails ? 2 : 4,
            requests: !isDetails,
            tcp: !isDetails,
            bytes: isDetails,
            latency: isDetails,
            transport: transportOf(platform, integration, isDetails ? 2 : 4),
          });
        },
        history: (asked) =>
          prometheusHistory(platform, integration, windows, { ...asked, matchers, clusterOf }),
      };
    }),
  );
}

async function prometheusHistory(
  platform: Reacher,
  integration: OpenIntegration,
  windows: Windows,
  { budgetMs, ...asked }: HistoryAsked & { matchers: string; clusterOf: Source['clusterOf'] },
): Promise<HistoryAnswer> {
  const { url, headers, clusterId, settings } = integration;
  const client = createPrometheusClient({
    url,
    headers,
    timeoutMs: Math.min(settings.timeoutMs, budgetMs),
    longestAnswer,
    transport: transportOf(platform, integration),
  });
  try {
    const { latency } = settings;
    const signal = AbortSignal.timeout(budgetMs);
    const windowS = await windows(client, { signal });
    return await readHistory(client, { ...asked, windowS, latency, scope: clusterId });
  } finally {
    client.close();
  }
}

/** Agents that scrape the proxies of their clusters themselves, where no Prometheus is asked for them. */
export function agentSources(
  platform: Platform,
  mesh: MeshKnown,
  organisationId: string,
): Source[] {
  if (!mesh.agentsTell) return [];
  const covered = new Set(mesh.integrations.map(({ clusterId }) => clusterId));
  if (covered.has(null)) return [];
  return mesh.clusters.flatMap((cluster): Source[] => {
    if (covered.has(cluster.id)) return [];
    const { db, now, telemetryKept: kept } = platform;
    const { id: clusterId, name: clusterName } = cluster;
    const clusterOf = clusterNamer(mesh, clusterName);
    const told = { db, organisationId, clusterId, clusterName, now, kept, clusterOf };
    return [
      {
        key: `agent/${cluster.id}/${cluster.name}`,
        kind: 'agent',
        integrationId: null,
        clusterId: cluster.id,
        name: `Agent of ${cluster.name}`,
        clusterOf,
        notes: [],
        open: (what) => (what === 'traffic' ? createAgentSource(told) : null),
        history: async ({ fromS, toS, stepS, ...ends }) => ({
          rows: await agentHistory(told, fitsEnds(ends), {
            fromMs: fromS * 1000,
            toMs: toS * 1000,
            stepMs: stepS * 1000,
            nowMs: now().getTime(),
          }),
          problems: [],
        }),
      },
    ];
  });
}

/** Everything that tells of a mesh's traffic. */
export const sourcesOf = async (
  platform: Platform,
  mesh: MeshKnown,
  organisationId: string,
): Promise<Source[]> => [
  ...(await prometheusSources(platform, mesh)),
  ...agentSources(platform, mesh, organisationId),
];

/** `$mesh` and `$cluster` in matchers are names. */
export const matchersFor = (
  text: string,
  names: { mesh: string; cluster: string | null },
): string =>
  text.replaceAll('$mesh', quoted(names.mesh)).replaceAll('$cluster', quoted(names.cluster ?? ''));

const quoted = (text: string): string => text.replace(/["\\]/g, (c) => `\\${c}`);

/** What Istio calls a cluster that was given no name. */
export const unnamedCluster = 'Kubernetes';

/**
 * Clusters by the names they have here. Istio calls each of them "Kubernetes" where nobody named it, so who tells it says
 * which it is.
 */
export function clusterNamer(
  mesh: Pick<MeshKnown, 'clusters'>,
  cluster: string | null,
): (label: string) => string {
  const only = mesh.clusters.length === 1 ? mesh.clusters[0]!.name : null;
  const own = cluster ?? mesh.clusters[0]?.name ?? '';
  const names = new Set(mesh.clusters.map(({ name }) => name));
  return (label) => {
    if (label === '' || label === 'unknown' || label === unnamedCluster) return own;
    return only !== null && !names.has(label) ? only : label;
  };
}

/** How a source stands, for people. */
export interface Standing {
  state: TopologySource['state'];
  problems: string[];
  /** When what it told last was true, and over how many seconds. */
  atMs: number | null;
  windowS?: number;
}

/** Over how many seconds the rates of several sources are: those of one at least. */
export const windowOf = (standings: readonly Standing[]): number =>
  Math.round(Math.max(defaultWindowS, ...standings.map((each) => each.windowS ?? 0)));

export const pending: Standing = { state: 'pending', problems: [], atMs: null };

export function standingAfter(
  before: Standing,
  round: Round,
  source: Pick<Source, 'kind' | 'name'>,
  notes: string[],
): Standing {
  const problems = [...round.problems.map(({ message }) => message), ...notes];
  const hasTold = round.state !== 'failed';
  // An agent that has nothing to tell yet is no fault: proxies may be still to come.
  const isAwaited = source.kind === 'agent' && !hasTold && before.atMs === null;
  const state = isAwaited ? 'pending' : hasTold && problems.length > 0 ? 'partial' : round.state;
  const { at: atMs, windowS } = hasTold
    ? round
    : { at: before.atMs, windowS: before.windowS ?? defaultWindowS };
  return { state, problems: problems.slice(0, 10), atMs, windowS };
}

export const toTopologySource = (source: Source, standing: Standing): TopologySource => ({
  kind: source.kind,
  integrationId: source.integrationId,
  clusterId: source.clusterId,
  name: source.name,
  state: standing.state,
  problems: standing.problems,
  asOf: standing.atMs === null ? null : new Date(standing.atMs).toISOString(),
});
