import { encodeGraph } from '@ambit/topology/wire/message';
import type { GraphEdge, GraphNode } from '@ambit/topology/model';
import { expect, it } from 'vitest';
import { format } from './output.ts';
import { topologyRows } from './topology-rows.ts';

const node = (name: string): GraphNode => ({
  id: `workload:eu/shop/${name}`,
  kind: 'workload',
  cluster: 'eu',
  namespace: 'shop',
  name,
  app: name,
  version: 'v1',
  health: 'healthy',
  traffic: 'active',
  inRate: 1,
  outRate: 1,
  inErrorShare: 0,
  outErrorShare: 0,
});
const edge = (from: string, to: string, more: Partial<GraphEdge>): GraphEdge => ({
  id: `workload:eu/shop/${from}>workload:eu/shop/${to}#http`,
  source: `workload:eu/shop/${from}`,
  target: `workload:eu/shop/${to}`,
  protocol: 'http',
  layer: 'L7',
  health: 'healthy',
  traffic: 'active',
  rate: 1,
  errorShare: 0,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  mutualTlsShare: null,
  requestBytes: 0,
  responseBytes: 0,
  waypoint: false,
  codes: [],
  ...more,
});

it('shows who talks to whom, the busiest first, and who told of it', () => {
  const graph = encodeGraph(
    { revision: 1, base: null, at: 0, windowS: 60 },
    {
      nodes: [node('front'), node('cart'), node('mail')],
      edges: [
        edge('front', 'mail', { traffic: 'idle', rate: 0, errorShare: null, health: 'none' }),
        edge('front', 'cart', {
          rate: 12.4,
          errorShare: 0.034,
          p95Ms: 240,
          mutualTlsShare: 1,
          health: 'degraded',
        }),
      ],
    },
  );
  const sources = [{ name: 'Agent of eu', state: 'ok', problems: [], asOf: 'now' }];
  const text = format(topologyRows({ graph, sources, message: '' }), 'table', 'topology');
  expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['FROM', 'TO', 'PROTOCOL', 'PER SECOND', 'ERRORS', 'P95', 'MUTUAL TLS', 'HEALTH'],
    ['shop/front', 'shop/cart', 'http', '12', '3.4%', '240 ms', '100%', 'degraded'],
    ['shop/front', 'shop/mail', 'http', 'idle', '-', '-', '-', 'none'],
    [''],
    ['sources:'],
    ['', 'NAME', 'STATE', 'AS OF'],
    ['', 'Agent of eu', 'ok', 'now'],
    [''],
  ]);
});

it('says what is missing where there is no graph', () => {
  const graph = encodeGraph(
    { revision: 1, base: null, at: 0, windowS: 60 },
    { nodes: [], edges: [] },
  );
  const shown = topologyRows({ graph, sources: [], message: 'Nobody tells of traffic.' });
  expect(format(shown, 'table', 'topology')).toMatch(/^none\n[^]*Nobody tells of traffic\./);
});
