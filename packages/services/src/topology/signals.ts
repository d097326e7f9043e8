import { topologySignals, type TopologySource } from '@ambit/contracts/operations/topology';
import { historyOf, type HistoryRow } from '@ambit/telemetry/history';
import type { HistoryAnswer } from '@ambit/telemetry/prometheus/history';
import type { Ends, Side } from '@ambit/telemetry/side';
import { toProblem } from '@ambit/telemetry/source';
import type { GraphEdge } from '@ambit/topology/model';
import { parseEdgeId, parseNodeId, type NodeId } from '@ambit/topology/node-id';
import { isError } from '@ambit/topology/store/registry';
import { defaultView, type ViewOptions } from '@ambit/topology/view/options';
import { invalid } from '../kernel/errors.ts';
import { implementOutside } from '../kernel/implement.ts';
import { requireMesh } from '../mesh/lock.ts';
import type { Resident } from './resident.ts';
import { residentOf } from './residents.ts';
import { spanOf, type Span } from './span.ts';
import { toTopologySource, unnamedCluster, type Source } from './sources.ts';

const budgetMs = 15_000;
const graphBudgetMs = 3_000;
const mostTop = 10;

export const getSignals = implementOutside(
  topologySignals,
  async ({ tx, now }, input) => {
    await requireMesh(tx, input.meshId);
    return { span: spanOf(input, now), subject: subjectOf(input.subject) };
  },
  async ({ platform, organisationId }, { meshId, subject }, { span, subject: parsed }) => {
    const resident = await residentOf(platform, organisationId, meshId);
    const { fromS, toS, stepS } = span;
    const points = Math.floor((toS - fromS) / stepS) + 1;
    const asked = await Promise.all(
      resident.sources().map((source) => askSource(resident, source, parsed, span)),
    );
    const rowsOf = (direction: 'inbound' | 'outbound'): HistoryRow[] =>
      asked.flatMap((each) => each[direction]);
    const isNode = 'node' in parsed;
    await resident.ready(graphBudgetMs);
    return {
      subject,
      from: new Date(fromS * 1000).toISOString(),
      to: new Date(toS * 1000).toISOString(),
      stepS,
      times: Array.from({ length: points }, (_, at) => (fromS + at * stepS) * 1000),
      inbound: historyOf(rowsOf('inbound'), points),
      outbound: isNode ? historyOf(rowsOf('outbound'), points) : null,
      top: topEdges(resident, subject, parsed),
      sources: asked.map(({ source }) => source),
    };
  },
);

type Subject =
  | { node: NodeId }
  | { source: NodeId; target: NodeId; protocol: 'http' | 'grpc' | 'tcp' };

function subjectOf(id: string): Subject {
  const edge = parseEdgeId(id);
  if (edge) return edge;
  const node = parseNodeId(id);
  if (node) return { node };
  throw invalid('the subject is the id of no node and no edge', [
    {
      path: 'subject',
      message: 'expected an id as topology.get gives it, such as workload:cluster/namespace/name',
    },
  ]);
}

interface Asked {
  source: TopologySource;
  inbound: HistoryRow[];
  outbound: HistoryRow[];
}

async function askSource(
  resident: Resident,
  source: Source,
  subject: Subject,
  span: Span,
): Promise<Asked> {
  const side = (node: NodeId): Side => sideOf(resident, source, node);
  const protocol = 'node' in subject ? null : subject.protocol;
  const read = (ends: Omit<Ends, 'protocol'>): Promise<HistoryAnswer> =>
    source.history({ ...ends, ...span, protocol, budgetMs, whose: resident.whose });
  try {
    const nothing: HistoryAnswer = { rows: [], problems: [] };
    const [inbound, outbound] =
      'node' in subject
        ? await Promise.all([
            read({ source: null, destination: side(subject.node) }),
            subject.node.kind === 'external'
              ? nothing
              : read({ source: side(subject.node), destination: null }),
          ])
        : [
            await read({ source: side(subject.source), destination: side(subject.target) }),
            nothing,
          ];
    const told = [...inbound.problems, ...outbound.problems].map(({ message }) => message);
    const problems = [...new Set(told)];
    const state = problems.length > 0 ? 'partial' : 'ok';
    return {
      inbound: inbound.rows,
      outbound: outbound.rows,
      source: toTopologySource(source, { state, problems, atMs: span.toS * 1000 }),
    };
  } catch (error) {
    const problems = [toProblem(error).message];
    return {
      inbound: [],
      outbound: [],
      source: toTopologySource(source, { state: 'failed', problems, atMs: null }),
    };
  }
}

/** A node as the labels of a source call it. */
function sideOf(resident: Resident, source: Source, node: NodeId): Side {
  const { clusters } = resident.mesh();
  const { kind, cluster, namespace, name, version } = node;
  const isOwn = source.clusterOf('') === cluster;
  const service = resident
    .inventory()
    .services.find(
      (each) => each.cluster === cluster && each.namespace === namespace && each.name === name,
    );
  return {
    kind,
    namespace,
    name,
    version,
    clusters:
      clusters.length < 2 || kind === 'external'
        ? null
        : isOwn
          ? [cluster, unnamedCluster, 'unknown', '']
          : [cluster],
    workloads: kind === 'service' ? (service?.workloads ?? []) : [],
  };
}

const groupOf: Partial<Record<NodeId['kind'], ViewOptions['by']>> = {
  service: 'service',
  app: 'app',
  version: 'version',
  namespace: 'namespace',
  cluster: 'cluster',
};

/** Edges of a node that fail most now; of an edge that edge. */
function topEdges(resident: Resident, id: string, subject: Subject) {
  const { kind } = 'node' in subject ? subject.node : subject.source;
  const by = groupOf[kind] ?? 'workload';
  const { edges } = resident.shown({ ...defaultView, by }).graph();
  const failing = (edge: GraphEdge): number => edge.rate * (edge.errorShare ?? 0);
  return edges
    .filter((edge) => edge.id === id || edge.source === id || edge.target === id)
    .toSorted((a, b) => failing(b) - failing(a) || b.rate - a.rate)
    .slice(0, mostTop)
    .map((edge) => {
      const isInbound = edge.source !== id;
      const failed = edge.codes.find(([text]) => {
        const [code = '', flags = ''] = text.split(' ');
        return isError({ protocol: edge.protocol, code, flags });
      });
      return {
        edgeId: edge.id,
        direction: isInbound ? ('inbound' as const) : ('outbound' as const),
        peer: isInbound ? edge.source : edge.target,
        rate: edge.rate,
        errorShare: edge.errorShare,
        p95Ms: edge.p95Ms,
        code: edge.errorShare ? (failed?.[0] ?? '') : '',
      };
    });
}
