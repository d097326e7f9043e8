import { createHash } from 'node:crypto';

/**
 * The peer: a graph made the way Kiali makes it, one namespace after the other, six queries each
 * (kiali/kiali graph/telemetry/istio, read in August 2026). A program of our own that asks the same and
 * builds the same nodes and edges; not Kiali, whose other work (appenders, health, Kubernetes) it leaves out.
 */
export interface NaiveGraph {
  json: string;
  edges: number;
  rate: number;
  queries: number;
  bytes: number;
}

const grouping = [
  'source_cluster',
  'source_workload_namespace',
  'source_workload',
  'source_canonical_service',
  'source_canonical_revision',
  'destination_cluster',
  'destination_service_namespace',
  'destination_service',
  'destination_service_name',
  'destination_workload_namespace',
  'destination_workload',
  'destination_canonical_service',
  'destination_canonical_revision',
];
const httpGrouping = [
  ...grouping,
  'request_protocol',
  'response_code',
  'grpc_response_status',
  'response_flags',
].join(',');
const tcpGrouping = [...grouping, 'app', 'response_flags'].join(',');

interface Sample {
  metric: Record<string, string>;
  value: [number, string];
}

interface Edge {
  source: string;
  target: string;
  protocol: string;
  rate: number;
  failed: number;
  responses: Record<string, number>;
}

export async function naiveGraph(
  url: string,
  namespaces: readonly string[],
  windowS: number,
): Promise<NaiveGraph> {
  let queries = 0;
  let bytes = 0;
  const nodes = new Map<string, Record<string, string>>();
  const edges = new Map<string, Edge>();
  const seen = new Set<string>();

  const ask = async (metric: string, selector: string, by: string): Promise<Sample[]> => {
    const promql = `round(sum(rate(${metric}{${selector}}[${windowS}s])) by (${by}) > 0,0.001)`;
    const response = await fetch(`${url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: promql }),
    });
    const text = await response.text();
    queries++;
    bytes += text.length;
    return (JSON.parse(text) as { data: { result: Sample[] } }).data.result;
  };

  const add = (metricName: string, samples: Sample[]): void => {
    for (const { metric, value } of samples) {
      const source = nodeOf(metric, 'source');
      const target = nodeOf(metric, 'destination');
      const code = metric['response_code'] ?? '-';
      const flags = metric['response_flags'] ?? '-';
      const unique = createHash('sha256')
        .update(
          [metricName, source.id, target.id, code, flags, metric['destination_service']].join('|'),
        )
        .digest('hex');
      if (seen.has(unique)) continue;
      seen.add(unique);
      nodes.set(source.id, source);
      nodes.set(target.id, target);
      const protocol = metric['request_protocol'] ?? 'tcp';
      const id = createHash('sha256').update(`${source.id}.${target.id}.${protocol}`).digest('hex');
      let edge = edges.get(id);
      if (edge === undefined) {
        edge = {
          source: source.id,
          target: target.id,
          protocol,
          rate: 0,
          failed: 0,
          responses: {},
        };
        edges.set(id, edge);
      }
      const rate = Number(value[1]);
      edge.rate += rate;
      if (code.startsWith('5')) edge.failed += rate;
      edge.responses[`${code} ${flags}`] = (edge.responses[`${code} ${flags}`] ?? 0) + rate;
    }
  };

  for (const namespace of namespaces) {
    const failed = `reporter="source",source_workload_namespace!="${namespace}",destination_workload_namespace="unknown",destination_workload="unknown",destination_service=~"^.+\\\\.${namespace}\\\\..+$"`;
    const incoming = `reporter="destination",destination_workload_namespace="${namespace}"`;
    const outgoing = `reporter="source",source_workload_namespace="${namespace}"`;
    for (const selector of [failed, incoming, outgoing]) {
      add('http', await ask('istio_requests_total', selector, httpGrouping));
    }
    for (const selector of [failed, incoming, outgoing]) {
      add('tcp', await ask('istio_tcp_received_bytes_total', selector, tcpGrouping));
    }
  }

  const json = JSON.stringify({
    timestamp: Math.floor(Date.now() / 1000),
    duration: windowS,
    graphType: 'workload',
    elements: {
      nodes: [...nodes.values()]
        .sort((a, b) => ((a['id'] ?? '') < (b['id'] ?? '') ? -1 : 1))
        .map((data) => ({ data })),
      edges: [...edges].map(([id, { source, target, protocol, rate, failed, responses }]) => ({
        data: {
          id,
          source,
          target,
          traffic: {
            protocol,
            rates: { [protocol]: rate.toFixed(2), percentErr: ((failed / rate) * 100).toFixed(1) },
            responses: Object.fromEntries(
              Object.entries(responses).map(([code, part]) => [
                code.split(' ')[0],
                { flags: { [code.split(' ')[1]!]: ((part / rate) * 100).toFixed(1) } },
              ]),
            ),
          },
        },
      })),
    },
  });
  const rate = [...edges.values()].reduce((sum, edge) => sum + edge.rate, 0);
  return { json, edges: edges.size, rate, queries, bytes };
}

function nodeOf(
  metric: Record<string, string>,
  side: 'source' | 'destination',
): Record<string, string> & { id: string } {
  const cluster = metric[`${side}_cluster`] ?? '';
  const namespace = metric[`${side}_workload_namespace`] ?? '';
  const workload = metric[`${side}_workload`] ?? '';
  const key = `wl_${cluster}_${namespace}_${workload}`;
  return {
    id: createHash('sha256').update(key).digest('hex'),
    nodeType: 'workload',
    cluster,
    namespace,
    workload,
    app: metric[`${side}_canonical_service`] ?? '',
    version: metric[`${side}_canonical_revision`] ?? '',
  };
}
