import { describe, expect, it } from 'vitest';
import { integrationDelete, integrationGet } from '@ambit/contracts/operations/integration';
import { topologySignals } from '@ambit/contracts/operations/topology';
import { callSeries } from '@ambit/telemetry/testing/mesh-prometheus';
import { vector } from '@ambit/telemetry/testing/server';
import { endResidents } from './residents.ts';
import {
  connect,
  edgesOf,
  graphOf,
  look,
  lookReady,
  makeMesh,
  meshId,
  platform,
  serve,
  tellProxies,
  tenant,
  until,
  useMeshes,
} from './testing/meshes.ts';

useMeshes();

describe('a source that', () => {
  it('is down is said so, and the integration’s status with it', async () => {
    const server = await serve([]);
    const { id } = await connect(server.url);
    server.close();
    const answer = await lookReady();
    expect(answer).toMatchObject({ state: 'failed', sources: [{ state: 'failed', asOf: null }] });
    expect(answer.message).toMatch(/refuses the connection/);
    await until(
      () => tenant.callAs('viewer', integrationGet, { integrationId: id }),
      ({ status }) => status.state === 'failed' && /refuses/.test(status.problems[0] ?? ''),
    );
  });

  it('is slow holds nobody up longer than the budget, and the others are shown', async () => {
    const quick = await serve(callSeries({ from: 'web', to: 'cart', rate: 2 }));
    const slow = await serve([], () => true);
    await connect(quick.url);
    await connect(slow.url, { timeoutMs: 60_000 });
    const answer = await until(look, ({ sources }) => sources.some(({ state }) => state === 'ok'));
    expect(answer.sources.map(({ state }) => state).sort()).toEqual(['ok', 'pending']);
    expect(answer.message).toMatch(/Not answered yet/);
    expect(edgesOf(graphOf(answer))).toEqual(['web>cart 2']);
  });

  it('answers in part is shown with what it says', async () => {
    const server = await serve(
      callSeries({ from: 'web', to: 'cart', rate: 2 }),
      (asked, response) => {
        if (!asked.promql.includes('istio_tcp')) return false;
        response.statusCode = 503;
        response.end(JSON.stringify({ status: 'error', error: 'store gateway is away' }));
        return true;
      },
    );
    await connect(server.url);
    const answer = await lookReady();
    expect(answer.sources[0]).toMatchObject({ state: 'partial' });
    expect(answer.sources[0]!.problems.join()).toMatch(/store gateway is away/);
    expect(edgesOf(graphOf(answer))).toEqual(['web>cart 2']);
  });

  it('has hostile labels shows them as names, and breaks nothing', async () => {
    const evil = 'x"}\u202e<script>/>#\u0000';
    const more = { source_workload: evil, source_workload_namespace: '../../etc' };
    const server = await serve([
      ...callSeries({ from: 'web', to: 'cart', rate: 2 }),
      ...callSeries({ from: 'web', to: 'cart', rate: 3, more }),
    ]);
    await connect(server.url);
    const graph = graphOf(await lookReady());
    expect(graph.edges).toHaveLength(2);
    const hostile = graph.nodes.find(({ namespace }) => namespace === '../../etc');
    expect(hostile?.name).toBe('x"}<script>/>#');
    const { inbound } = await tenant.callAs('viewer', topologySignals, {
      meshId,
      subject: graph.edges.find(({ source }) => source === hostile?.id)!.id,
    });
    expect(inbound?.rate.every((rate) => rate === null)).toBe(true);
  });

  it('has rows that cannot be kept says how many, and what to do', async () => {
    const odd = callSeries({ from: 'web', to: 'cart', rate: 1, more: { reporter: 'nobody' } });
    const server = await serve([...callSeries({ from: 'web', to: 'cart', rate: 2 }), ...odd]);
    await connect(server.url);
    const answer = await lookReady();
    expect(answer.dropped).toBeGreaterThan(0);
    expect(answer.sources[0]).toMatchObject({ state: 'partial' });
    expect(answer.sources[0]!.problems.join()).toMatch(/rows of .* are left out.*matchers/);
    expect(edgesOf(graphOf(answer))).toEqual(['web>cart 2']);
  });

  it("has Envoy's own counters alone names who asked as agents know its pods", async () => {
    const { clusterId } = await platform.db.system.meshCluster.findFirstOrThrow({
      where: { meshId },
    });
    await tellProxies(clusterId, ['web-front']);
    const cluster = 'outbound|80||cart.shop.svc.cluster.local';
    const labels = { namespace: 'shop', pod: 'web-front-1', cluster_name: cluster };
    const server = await serve([], ({ promql }, response) => {
      if (!promql.includes('envoy_cluster_upstream_rq{')) return false;
      const rows = promql.startsWith('count(')
        ? [{ labels: {}, value: 2 }]
        : ['200', '503'].map((code) => ({ labels: { ...labels, response_code: code }, value: 2 }));
      response.end(vector(rows));
      return true;
    });
    await connect(server.url);
    const answer = await until(look, (each) => edgesOf(graphOf(each)).length > 0);
    expect(answer.sources).toMatchObject([{ state: 'ok' }]);
    const { edges } = graphOf(answer);
    expect(edges).toMatchObject([
      { source: 'workload:c1/shop/web-front', rate: 4, errorShare: 0.5, health: 'failure' },
    ]);
    expect(edges[0]!.target).toMatch(/service:c1\/shop\/cart/);
  });

  it('is taken away takes its traffic with it', async () => {
    const server = await serve(callSeries({ from: 'web', to: 'cart', rate: 2 }));
    const { id } = await connect(server.url);
    expect(edgesOf(graphOf(await lookReady()))).toHaveLength(1);
    await tenant.callAs('admin', integrationDelete, { integrationId: id });
    const answer = await until(look, ({ sources }) => sources.length === 0);
    expect(answer.state).toBe('noSource');
    expect(edgesOf(graphOf(answer))).toEqual([]);
  });

  it('is for the whole organisation is told to be narrowed while there are several meshes', async () => {
    await makeMesh('other', []);
    const mesh = { source_mesh: 'shop' };
    const server = await serve([
      ...callSeries({ from: 'web', to: 'cart', rate: 2, more: mesh }),
      ...callSeries({ from: 'far', to: 'away', rate: 2, more: { source_mesh: 'other' } }),
    ]);
    const { id } = await connect(server.url);
    const answer = await lookReady();
    expect(answer.sources[0]!.problems[0]).toMatch(/matchers/);
    await tenant.callAs('admin', integrationDelete, { integrationId: id });
    await endResidents(platform.db);
    await connect(server.url, { matchers: 'source_mesh="$mesh"' });
    expect(edgesOf(graphOf(await lookReady()))).toEqual(['web>cart 2']);
  });
});
