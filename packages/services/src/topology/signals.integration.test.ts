import { describe, expect, it } from 'vitest';
import { topologySignals } from '@ambit/contracts/operations/topology';
import { callSeries } from '@ambit/telemetry/testing/mesh-prometheus';
import { istioLabels } from '@ambit/topology/testing/labels';
import { connect, graphOf, lookReady, meshId, serve, tenant, useMeshes } from './testing/meshes.ts';

useMeshes();

describe('signals over time', () => {
  const signals = (subject: string, more: object = {}) =>
    tenant.callAs('viewer', topologySignals, { meshId, subject, ...more });

  it('are those of a node in both directions, each request counted once', async () => {
    const server = await serve([
      ...callSeries({ from: 'web', to: 'cart', rate: 4, errorShare: 0.25, ms: 20 }),
      ...callSeries({ from: 'cart', to: 'db', rate: 1 }),
    ]);
    await connect(server.url);
    await lookReady();
    const answer = await signals('workload:c1/shop/cart', { stepS: 60 });
    expect(answer.times).toHaveLength(answer.inbound!.rate.length);
    expect(answer.inbound!.rate.every((rate) => rate === 4)).toBe(true);
    expect(answer.inbound!.errorShare[0]).toBe(0.25);
    expect(answer.inbound!.p95Ms[0]).toBeCloseTo(24.3, 0);
    expect(answer.outbound!.rate[0]).toBe(1);
    const whole = await signals('cluster:c1//c1', { stepS: 60 });
    expect(whole.inbound!.rate.every((rate) => rate === 5)).toBe(true);
    expect(whole.outbound!.rate[0]).toBe(5);
    expect(answer.top[0]).toMatchObject({
      direction: 'inbound',
      peer: 'workload:c1/shop/web',
      errorShare: 0.25,
      code: '503 -',
    });
  });

  it('name the flag of connections that fail, not of the many that do not', async () => {
    const name = 'istio_tcp_connections_closed_total';
    const tcp = { from: 'web', to: 'db', protocol: 'tcp' };
    const told = ['source', 'destination'].flatMap((reporter) => [
      { name, labels: istioLabels({ reporter, ...tcp }), rate: 3 },
      { name, labels: istioLabels({ reporter, ...tcp, more: { response_flags: 'UF' } }), rate: 1 },
    ]);
    const opened = told.map((each) => ({ ...each, name: 'istio_tcp_connections_opened_total' }));
    await connect((await serve([...told, ...opened])).url);
    await lookReady();
    const { top } = await signals('workload:c1/shop/db');
    expect(top).toMatchObject([{ errorShare: 0.25, code: '- UF' }]);
  });

  it('of an edge are its own, and gaps are no zeros', async () => {
    const server = await serve([
      ...callSeries({ from: 'web', to: 'cart', rate: 4 }),
      ...callSeries({ from: 'far', to: 'cart', rate: 7 }),
    ]);
    await connect(server.url);
    const graph = graphOf(await lookReady());
    const edge = graph.edges.find(({ rate }) => rate === 4)!;
    const answer = await signals(edge.id);
    expect(answer.inbound!.rate[0]).toBe(4);
    expect(answer.outbound).toBeNull();
    const none = await signals('workload:c1/shop/nobody');
    expect(none.inbound!.rate.every((rate) => rate === null)).toBe(true);
  });

  it('refuse what is no subject, no span, or too much', async () => {
    await expect(signals('nonsense')).rejects.toThrow('no node and no edge');
    const now = Date.now();
    const [from, to] = [now, now - 1000].map((ms) => new Date(ms).toISOString());
    await expect(signals('workload:c1/shop/web', { from, to })).rejects.toThrow('empty');
    const long = new Date(now - 30 * 86_400_000).toISOString();
    await expect(signals('workload:c1/shop/web', { from: long, stepS: 5 })).rejects.toThrow(
      'points',
    );
  });

  it('say what a source left out of them', async () => {
    const labels = istioLabels({ reporter: 'source', from: 'web', to: 'cart' });
    const server = await serve([], ({ promql, path, form }, response) => {
      if (!path.endsWith('query_range') || !promql.startsWith('sum by')) return false;
      const result = promql.includes('istio_requests_total')
        ? [{ metric: labels, values: [[Number(form.get('end')), '4']] }]
        : [];
      const warnings = ['store gateway is down'];
      const data = { resultType: 'matrix', result };
      response.end(JSON.stringify({ status: 'success', data, warnings }));
      return true;
    });
    await connect(server.url);
    const answer = await signals('workload:c1/shop/cart', { stepS: 60 });
    expect(answer.sources).toMatchObject([{ state: 'partial' }]);
    expect(answer.sources[0]!.problems).toEqual([
      'Prometheus answered in part: store gateway is down.',
    ]);
    expect(answer.inbound!.rate.at(-1)).toBe(4);
    expect(answer.inbound!.rate.slice(0, -1).every((rate) => rate === null)).toBe(true);
  });

  it('say which source failed', async () => {
    const server = await serve([], (asked, response) => {
      if (!asked.path.endsWith('query_range')) return false;
      response.statusCode = 422;
      response.end(JSON.stringify({ status: 'error', error: 'too many samples' }));
      return true;
    });
    await connect(server.url);
    const answer = await signals('workload:c1/shop/web');
    expect(answer.sources).toMatchObject([{ state: 'failed' }]);
    expect(answer.sources[0]!.problems[0]).toMatch(/too many samples/);
  });
});
