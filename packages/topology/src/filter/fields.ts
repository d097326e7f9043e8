import {
  healths,
  nodeKinds,
  protocols,
  trafficStates,
  type GraphEdge,
  type GraphNode,
} from '../model.ts';

/** What a question can be about. */
export interface Field {
  name: string;
  says: string;
  /** How its values are written: a word, or a number with a unit. */
  kind: 'word' | 'rate' | 'share' | 'ms';
  /** The values there are, where they are few. */
  values?: readonly string[];
  /** Undefined where a node or an edge has no such thing; null where nobody knows. */
  ofNode?: (node: GraphNode) => string | number | null;
  ofEdge?: (edge: GraphEdge, ends: Ends) => string | number | null | readonly string[];
}

/** The nodes an edge is between. */
export interface Ends {
  source: GraphNode | undefined;
  target: GraphNode | undefined;
}

const word = (name: 'cluster' | 'namespace' | 'name' | 'app' | 'version', says: string): Field => ({
  name,
  says,
  kind: 'word',
  ofNode: (node) => node[name],
});

const end = (side: 'source' | 'target', of: 'name' | 'namespace' | 'cluster' | 'app'): Field => ({
  name: of === 'name' ? side : `${side}.${of}`,
  says: `${of} of where the traffic ${side === 'source' ? 'comes from' : 'goes to'}`,
  kind: 'word',
  ofEdge: (_, ends) => ends[side]?.[of] ?? null,
});

export const fields: readonly Field[] = [
  word('name', 'name of a node'),
  word('namespace', 'namespace of a node'),
  word('cluster', 'cluster of a node'),
  word('app', 'application (canonical service)'),
  word('version', 'version (canonical revision)'),
  {
    name: 'kind',
    says: 'what a node is',
    kind: 'word',
    values: nodeKinds,
    ofNode: ({ kind }) => kind,
  },
  {
    name: 'health',
    says: 'health of a node or an edge',
    kind: 'word',
    values: healths,
    ofNode: ({ health }) => health,
    ofEdge: ({ health }) => health,
  },
  {
    name: 'traffic',
    says: 'what telemetry says of a node or an edge',
    kind: 'word',
    values: trafficStates,
    ofNode: ({ traffic }) => traffic,
    ofEdge: ({ traffic }) => traffic,
  },
  {
    name: 'in',
    says: 'requests a second into a node',
    kind: 'rate',
    ofNode: ({ inRate }) => inRate,
  },
  {
    name: 'out',
    says: 'requests a second out of a node',
    kind: 'rate',
    ofNode: ({ outRate }) => outRate,
  },
  {
    name: 'rate',
    says: 'requests or connections a second on an edge',
    kind: 'rate',
    ofEdge: ({ rate }) => rate,
  },
  {
    name: 'errors',
    says: 'share of what failed, into a node or on an edge',
    kind: 'share',
    ofNode: ({ inErrorShare }) => inErrorShare,
    ofEdge: ({ errorShare }) => errorShare,
  },
  { name: 'p50', says: 'median duration on an edge', kind: 'ms', ofEdge: ({ p50Ms }) => p50Ms },
  { name: 'p95', says: '95th percentile of durations', kind: 'ms', ofEdge: ({ p95Ms }) => p95Ms },
  { name: 'p99', says: '99th percentile of durations', kind: 'ms', ofEdge: ({ p99Ms }) => p99Ms },
  {
    name: 'mtls',
    says: 'share of an edge that is mutual TLS',
    kind: 'share',
    ofEdge: ({ mutualTlsShare }) => mutualTlsShare,
  },
  {
    name: 'bytes',
    says: 'bytes a second on an edge, both ways',
    kind: 'rate',
    ofEdge: ({ requestBytes, responseBytes }) => requestBytes + responseBytes,
  },
  {
    name: 'protocol',
    says: 'protocol of an edge',
    kind: 'word',
    values: protocols,
    ofEdge: ({ protocol }) => protocol,
  },
  {
    name: 'layer',
    says: 'L4 or L7',
    kind: 'word',
    values: ['L4', 'L7'],
    ofEdge: ({ layer }) => layer,
  },
  {
    name: 'waypoint',
    says: 'whether an edge goes through a waypoint',
    kind: 'word',
    values: ['yes', 'no'],
    ofEdge: ({ waypoint }) => (waypoint ? 'yes' : 'no'),
  },
  {
    name: 'code',
    says: 'a status or response flag that occurs on an edge',
    kind: 'word',
    ofEdge: ({ codes }) => codes.flatMap(([text]) => text.split(' ')),
  },
  end('source', 'name'),
  end('target', 'name'),
  end('source', 'namespace'),
  end('target', 'namespace'),
  end('source', 'app'),
  end('target', 'app'),
  end('source', 'cluster'),
  end('target', 'cluster'),
];

export const fieldsByName: ReadonlyMap<string, Field> = new Map(
  fields.map((field) => [field.name, field]),
);
