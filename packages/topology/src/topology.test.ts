import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Inventory, InventoryWorkload } from './inventory.ts';
import type { Graph } from './model.ts';
import { chooseReporter, mergeReporters, type Reading } from './store/merge.ts';
import { createTelemetryStore } from './store/telemetry-store.ts';
import { histogramQuantile } from './signals.ts';
import { istioLabels, tellRound, type Told } from './testing/labels.ts';
import { groupings, type ViewOptions } from './view/options.ts';
import { createView } from './view/view.ts';
import { applyDiff, decodeGraph, encodeGraph } from './wire/message.ts';

const requests = (
  reporter: string,
  from: string,
  to: string,
  rate: number,
  more: Partial<Parameters<typeof istioLabels>[0]> = {},
): Told => ({ metric: 'requests', labels: istioLabels({ reporter, from, to, ...more }), rate });

const bytes = (reporter: string, from: string, to: string, rate: number, service: string): Told[] =>
  (['connectionsOpened', 'requestBytes', 'responseBytes'] as const).map((metric) => ({
    metric,
    labels: istioLabels({
      reporter,
      from,
      to,
      service,
      protocol: 'tcp',
      more: { app: 'ztunnel', connection_security_policy: 'mutual_tls' },
    }),
    rate: metric === 'connectionsOpened' ? rate : rate * 100,
  }));

const graphOf = (
  told: Told[],
  options: Partial<ViewOptions> = {},
  inventory?: Inventory,
): Graph => {
  const store = createTelemetryStore('c1');
  const changed = tellRound(store, told);
  const view = createView(store, options, inventory);
  view.update(changed);
  return view.graph();
};

const workload = (name: string, more: Partial<InventoryWorkload> = {}): InventoryWorkload => ({
  cluster: 'c1',
  namespace: 'shop',
  name,
  app: name.replace(/-v\d+$/, ''),
  version: '',
  role: 'workload',
  proxy: 'sidecar',
  desired: 1,
  available: 1,
  unsynced: 0,
  isReporting: true,
  ...more,
});

const short = ({ edges }: Graph) =>
  edges.map(({ id, rate }) => `${id.replaceAll('c1/shop/', '')} ${rate}`);

describe('reporters', () => {
  test('of one request are alternatives: it is counted once, by the client first', () => {
    const told = [
      requests('source', 'front-v1', 'cart-v1', 10),
      requests('destination', 'front-v1', 'cart-v1', 9.9),
    ];
    expect(short(graphOf(told))).toEqual(['workload:front-v1>workload:cart-v1#http 10']);
  });

  test('that tell of a part only do not hide what the other side saw', () => {
    const told = [
      requests('source', 'front-v1', 'cart-v1', 4),
      requests('destination', 'front-v1', 'cart-v1', 10),
    ];
    expect(graphOf(told).edges[0]!.rate).toBe(10);
  });

  test('of the server know the security that the client does not', () => {
    const plain = { connection_security_policy: 'none' };
    const [edge] = graphOf([
      requests('source', 'front-v1', 'cart-v1', 10),
      requests('destination', 'front-v1', 'cart-v1', 7.5),
      requests('destination', 'front-v1', 'cart-v1', 2.5, { more: plain }),
    ]).edges;
    expect(edge).toMatchObject({ rate: 10, mutualTlsShare: 0.75 });
    expect(graphOf([requests('source', 'a', 'b', 1)]).edges[0]!.mutualTlsShare).toBeNull();
  });

  test('conserve the rate, whoever is silent', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            from: fc.nat(5),
            to: fc.nat(5),
            rate: fc.double({ min: 0.01, max: 1000, noNaN: true }),
            by: fc.subarray(['source', 'waypoint', 'destination'], { minLength: 1 }),
          }),
          { maxLength: 40 },
        ),
        (flows) => {
          const once = new Map(flows.map((flow) => [`${flow.from} ${flow.to}`, flow]));
          const told = [...once.values()].flatMap(({ from, to, rate, by }) =>
            by.map((reporter) => requests(reporter, `w${from}`, `x${to}`, rate)),
          );
          const total = graphOf(told).edges.reduce((sum, { rate }) => sum + rate, 0);
          const truth = [...once.values()].reduce((sum, { rate }) => sum + rate, 0);
          expect(total).toBeCloseTo(truth, 1);
        },
      ),
    );
  });

  test('that are absent are never believed', () => {
    const reading = (reporter: number, value: number): Reading => ({
      metric: 'requests',
      reporter,
      value,
      codeId: 0,
      isError: false,
      mutualTls: null,
      bound: 0,
    });
    expect(chooseReporter([reading(2, 0)], 'requests')).toBe(2);
    expect(chooseReporter([reading(0, 0), reading(2, 3)], 'requests')).toBe(2);
    expect(mergeReporters('http', [reading(1, 3), reading(2, 3)])).toMatchObject({
      requests: 3,
      waypoint: true,
    });
  });
});

describe('errors and health', () => {
  const edge = (code: string, bad: number, more = {}) =>
    graphOf([
      requests('source', 'a', 'b', 100 - bad, more),
      requests('source', 'a', 'b', bad, { code, ...more }),
    ]).edges[0]!;

  test.each([
    ['503', 0.5, 'degraded', 0.005],
    ['503', 10, 'failure', 0.1],
    ['404', 9, 'healthy', 0],
    ['404', 10, 'degraded', 0],
    ['404', 20, 'failure', 0],
    ['0', 1, 'degraded', 0.01],
  ])('%s in %d %% of requests is %s', (code, bad, health, errorShare) => {
    expect(edge(code, bad)).toMatchObject({ health, errorShare });
  });

  test('of gRPC follow its own status, whatever HTTP says', () => {
    const told = requests('source', 'a', 'b', 5, {
      protocol: 'grpc',
      more: { grpc_response_status: '14' },
    });
    expect(graphOf([told]).edges[0]).toMatchObject({
      protocol: 'grpc',
      errorShare: 1,
      health: 'failure',
      codes: [['14 -', 5]],
    });
  });

  test('follow the annotation of the workload', () => {
    const inventory = {
      services: [],
      workloads: [workload('b', { healthRate: '5XX,50,90,http,inbound' }), workload('a')],
    };
    const told = [
      requests('source', 'a', 'b', 60),
      requests('source', 'a', 'b', 40, { code: '500' }),
    ];
    const { nodes, edges } = graphOf(told, {}, inventory);
    expect(nodes.find(({ name }) => name === 'b')!.health).toBe('healthy');
    expect(nodes.find(({ name }) => name === 'a')!.health).toBe('failure');
    expect(edges[0]!.health).toBe('failure');
  });
});

test('quantiles are those of Prometheus', () => {
  const buckets = [10, 50, 100, 90, 1000, 100, Infinity, 100];
  expect(histogramQuantile(0.5, buckets)).toBe(10);
  expect(histogramQuantile(0.7, buckets)).toBe(55);
  expect(histogramQuantile(0.95, buckets)).toBe(550);
  expect(histogramQuantile(0.5, [10, 0, Infinity, 5])).toBe(10);
  expect(histogramQuantile(0.5, [10, 0, Infinity, 0])).toBeNull();
});

describe('what is quiet', () => {
  test('is told apart: idle, missing, unmeasured, unsure', () => {
    const inventory = {
      services: [],
      workloads: [
        workload('quiet'),
        workload('silent', { isReporting: false }),
        workload('bare', { proxy: 'none' }),
        workload('unclear', { isReporting: null }),
        workload('told'),
      ],
    };
    const { nodes, edges } = graphOf([requests('source', 'told', 'b', 0)], {}, inventory);
    expect(edges).toEqual([]);
    expect(Object.fromEntries(nodes.map(({ name, traffic }) => [name, traffic]))).toEqual({
      quiet: 'idle',
      silent: 'missing',
      bare: 'unmeasured',
      unclear: 'unsure',
      told: 'idle',
    });
  });

  test('edges are shown when they are asked for', () => {
    const { edges } = graphOf([requests('source', 'a', 'b', 0)], { idle: true });
    expect(edges[0]).toMatchObject({ traffic: 'idle', rate: 0, errorShare: null, health: 'none' });
  });
});

describe('ambient', () => {
  const inventory = {
    services: [],
    workloads: [
      workload('front-v1', { proxy: 'ztunnel' }),
      workload('cart-v1', { proxy: 'ztunnel' }),
      workload('waypoint', { role: 'waypoint', proxy: 'ztunnel' }),
    ],
  };
  const told = [
    requests('waypoint', 'front-v1', 'cart-v1', 10),
    ...bytes('source', 'front-v1', 'waypoint', 1, 'cart'),
    ...bytes('destination', 'waypoint', 'cart-v1', 1, 'cart'),
  ];

  test('folded: one edge, told by the waypoint', () => {
    const { edges } = graphOf(told, {}, inventory);
    expect(edges).toHaveLength(1);
    expect(edges[0]).toMatchObject({ layer: 'L7', rate: 10, waypoint: true, mutualTlsShare: 1 });
  });

  test('unfolded: the hops of ztunnel around the waypoint are seen', () => {
    expect(short(graphOf(told, { ambient: 'unfolded' }, inventory))).toEqual([
      'waypoint:waypoint>workload:cart-v1#tcp 1',
      'workload:front-v1>waypoint:waypoint#tcp 1',
      'workload:front-v1>workload:cart-v1#http 10',
    ]);
  });

  test('folded: hops stay where the waypoint tells nothing', () => {
    expect(graphOf(told.slice(1), {}, inventory).edges).toHaveLength(2);
  });

  test('folded: the connection below requests is no second edge, and gives its bytes', () => {
    const both = [
      requests('source', 'front-v1', 'cart-v1', 10),
      ...bytes('destination', 'front-v1', 'cart-v1', 2, 'cart'),
    ];
    const { edges } = graphOf(both, {}, inventory);
    expect(edges).toHaveLength(1);
    expect(edges[0]).toMatchObject({ layer: 'L7', requestBytes: 200, mutualTlsShare: 1 });
    expect(graphOf(both, { ambient: 'unfolded' }, inventory).edges).toHaveLength(2);
  });
});

describe('grouping', () => {
  const told = [
    requests('source', 'front-v1', 'cart-v1', 6),
    requests('source', 'front-v1', 'cart-v2', 4),
    requests('source', 'cart-v1', 'db-v1', 3),
    requests('source', 'front-v1', 'unknown', 1, { service: 'cart', code: '503' }),
    requests('source', 'gate', 'front-v1', 9),
  ];
  test.each([
    [
      'app',
      { by: 'app' },
      [
        'app:cart>app:db#http 3',
        'app:front>app:cart#http 10',
        'app:front>service:cart#http 1',
        'app:gate>app:front#http 9',
      ],
    ],
    [
      'version',
      { by: 'version' },
      [
        'version:cart/v1>version:db/v1#http 3',
        'version:front/v1>service:cart#http 1',
        'version:front/v1>version:cart/v1#http 6',
        'version:front/v1>version:cart/v2#http 4',
        'version:gate/latest>version:front/v1#http 9',
      ],
    ],
    [
      'service',
      { by: 'service' },
      [
        'app:gate>service:front#http 9',
        'service:cart>service:db#http 3',
        'service:front>service:cart#http 11',
      ],
    ],
    ['namespace', { by: 'namespace' }, ['namespace:shop>namespace:shop#http 23']],
    [
      'workload, with services',
      { by: 'workload', services: true },
      [
        'service:cart>workload:cart-v1#http 6',
        'service:cart>workload:cart-v2#http 4',
        'service:db>workload:db-v1#http 3',
        'service:front>workload:front-v1#http 9',
        'workload:cart-v1>service:db#http 3',
        'workload:front-v1>service:cart#http 11',
        'workload:gate>service:front#http 9',
      ],
    ],
  ] as const)('by %s', (_, options, expected) => {
    const found = short(graphOf(told, options)).map((text) =>
      text
        .replaceAll('namespace:c1/shop/shop', 'namespace:shop')
        .replaceAll('namespace:c1/shop', 'namespace:shop'),
    );
    expect(found).toEqual(expected);
  });

  test('what leaves the mesh is external, who cannot be named is unknown', () => {
    const outside = {
      destination_service_name: 'api.example.com',
      destination_service_namespace: 'unknown',
    };
    const { nodes } = graphOf([
      requests('source', 'front-v1', 'unknown', 1, { more: outside }),
      requests('destination', 'unknown', 'front-v1', 1),
    ]);
    expect(nodes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'external api.example.com',
      'unknown unknown',
      'workload front-v1',
    ]);
  });
});

/** A world of rounds: workloads, services, codes and reporters come and go, labels may be anything. */
const label = fc.oneof(
  fc.constantFrom('a', 'b', 'c-v1', 'unknown', ''),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const series = fc.record({
  metric: fc.constantFrom(
    'requests' as const,
    'connectionsOpened' as const,
    'requestBytes' as const,
  ),
  labels: fc.record(
    {
      reporter: fc.constantFrom('source', 'destination', 'waypoint', 'nobody'),
      source_workload: label,
      source_workload_namespace: label,
      source_cluster: fc.constantFrom('c1', 'c2', 'unknown'),
      source_canonical_service: fc.constantFrom('a', 'b', 'unknown'),
      destination_workload: label,
      destination_workload_namespace: label,
      destination_service_name: label,
      destination_service_namespace: label,
      destination_canonical_service: label,
      request_protocol: fc.constantFrom('http', 'grpc', 'tcp', 'x'),
      response_code: fc.oneof(fc.constantFrom('200', '503', '0', ''), label),
      response_flags: label,
      app: fc.constantFrom('ztunnel', 'a'),
      connection_security_policy: fc.constantFrom('mutual_tls', 'none', 'unknown'),
    },
    { requiredKeys: [] },
  ),
  rate: fc.oneof(fc.constantFrom(0, 1, 2, Number.NaN, -1, Infinity), fc.nat(50)),
});
const options = fc.record({
  by: fc.constantFrom(...groupings),
  services: fc.boolean(),
  ambient: fc.constantFrom('folded' as const, 'unfolded' as const),
  idle: fc.boolean(),
});
const inventory: Inventory = {
  services: [{ cluster: 'c1', namespace: 'a', name: 'b', external: false, workloads: ['a', 'b'] }],
  workloads: [
    workload('a', { namespace: 'a', role: 'waypoint' }),
    workload('b', { namespace: 'a', healthRate: '2XX,1,50,.*,.*' }),
  ],
};

describe('rounds', () => {
  test('taken one after the other show what the last one shows alone, and so do their changes as they travel', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(series, { maxLength: 14 }), { minLength: 1, maxLength: 5 }),
        options,
        fc.constantFrom(inventory, { services: [], workloads: [] }),
        (rounds, chosen, stock) => {
          const store = createTelemetryStore('c1');
          const view = createView(store, chosen, stock);
          let shown: Graph = view.graph();
          rounds.forEach((told, revision) => {
            const diff = view.update(tellRound(store, told as Told[]));
            const message = encodeGraph({ revision, base: revision - 1, at: 0, windowS: 60 }, diff);
            shown = applyDiff(shown, decodeGraph(JSON.parse(JSON.stringify(message))));
          });
          expect(shown).toEqual(view.graph());
          expect(createView(store, chosen, stock).graph()).toEqual(shown);
          const known = new Set(
            rounds
              .slice(0, -1)
              .flat()
              .flatMap(({ labels }) => Object.values(labels)),
          );
          const namesStay =
            known.size === 0 ||
            (chosen.by !== 'app' && chosen.by !== 'version' && chosen.by !== 'service');
          if (!namesStay) return;
          const alone = graphOf(rounds.at(-1) as Told[], chosen, stock);
          const bare = (graph: Graph) => ({
            edges: graph.edges,
            nodes: graph.nodes.map(({ app: _app, version: _version, ...node }) => node),
          });
          expect(bare(shown)).toEqual(bare(alone));
        },
      ),
      { numRuns: 400 },
    );
  });

  test('change nothing but what they touch', () => {
    const store = createTelemetryStore('c1');
    const view = createView(store);
    const told = [requests('source', 'a', 'b', 1), requests('source', 'c', 'd', 1)];
    view.update(tellRound(store, told));
    expect(view.update(tellRound(store, told))).toEqual({
      nodes: [],
      edges: [],
      removedNodes: [],
      removedEdges: [],
    });
    const diff = view.update(tellRound(store, [told[0]!, requests('source', 'c', 'd', 2)]));
    expect(diff.edges.map(({ source }) => source)).toEqual(['workload:c1/shop/c']);
    expect(diff.nodes.map(({ name }) => name)).toEqual(['c', 'd']);
    const gone = view.update(tellRound(store, [told[0]!]));
    expect(gone.removedNodes).toEqual(['workload:c1/shop/c', 'workload:c1/shop/d']);
  });

  test('that a part of the source left unanswered keep what it told before', () => {
    const store = createTelemetryStore('c1');
    const view = createView(store);
    view.update(tellRound(store, [requests('source', 'a', 'b', 1)]));
    store.begin();
    expect(view.update(store.commit((part) => part === 0)).removedEdges).toEqual([]);
    expect(view.graph().edges).toHaveLength(1);
    store.begin();
    expect(view.update(store.commit()).removedEdges).toHaveLength(1);
  });
});

test('hostile labels stay what they are: text of bounded length, without control characters', () => {
  const name = `x"}>#/%\u202e\u0000${'y'.repeat(10_000)}`;
  const { nodes, edges } = graphOf([requests('source', name, '__proto__', 1)]);
  expect(nodes.map((node) => node.name.length).every((length) => length <= 253)).toBe(true);
  expect(JSON.stringify({ nodes, edges })).not.toMatch(/\\u0000|\u202e/);
  expect(edges[0]!.id.split('>')).toHaveLength(2);
});

test('a million identities are bounded, and what is left out is counted', () => {
  const store = createTelemetryStore('c1');
  store.begin();
  const { registry } = store;
  const service = registry.service(() => undefined);
  const facet = registry.facet((name) => (name === 'reporter' ? 'source' : undefined));
  for (let at = 0; at < 150_000; at++) {
    const endpoint = registry.endpoint('source', (name) =>
      name === 'source_workload' ? `w${at}` : undefined,
    );
    store.add(store.series('requests', endpoint, service, 0, facet), 1);
  }
  expect(store.links.length).toBe(100_000);
  expect(store.dropped()).toBe(50_000);
});
