import { describe, expect, it } from 'vitest';
import { edgeLabels, type TelemetryReport } from '@ambit/contracts/agent/telemetry';
import { integrationTest } from '@ambit/contracts/operations/integration';
import { topologyGet, topologySignals } from '@ambit/contracts/operations/topology';
import { callSeries } from '@ambit/telemetry/testing/mesh-prometheus';
import { vector } from '@ambit/telemetry/testing/server';
import { applyDiff } from '@ambit/topology/wire/message';
import { keepPartitions } from '../telemetry-store/partitions.ts';
import { takeTelemetry } from '../telemetry-store/take.ts';
import { answerReads } from '../testing/answer-reads.ts';
import { makeTenant } from '../testing/tenant.ts';
import {
  connect,
  edgesOf,
  endings,
  graphOf,
  joinCluster,
  lastOf,
  look,
  lookReady,
  makeMesh,
  meshId,
  platform,
  quietWorkload,
  serve,
  tellProxies,
  tenant,
  turnTo,
  until,
  useMeshes,
} from './testing/meshes.ts';

useMeshes();

describe('the graph of a mesh', () => {
  it('is what its Prometheus tells, and afterwards only what changed', async () => {
    let rate = 2;
    const server = await serve(() => [
      ...callSeries({ from: 'web', to: 'cart', rate, errorShare: 0.5, ms: 20 }),
      ...callSeries({ from: 'cart', to: 'db', rate: 1 }),
    ]);
    await connect(server.url);
    const first = await lookReady();
    expect(first).toMatchObject({ state: 'live', message: '', sources: [{ state: 'ok' }] });
    expect(first.graph.base).toBeNull();
    const graph = graphOf(first);
    expect(edgesOf(graph)).toEqual(['cart>db 1', 'web>cart 2']);
    expect(graph.edges[1]).toMatchObject({ errorShare: 0.5, mutualTlsShare: 1, health: 'failure' });

    const same = await until(
      () => look({ base: first.graph.revision }),
      ({ graph: { base } }) => base === first.graph.revision,
    );
    expect(same.graph.base).toBe(first.graph.revision);
    rate = 4;
    const later = await until(
      () => look({ base: first.graph.revision }),
      (answer) => edgesOf(applyDiff(graph, graphOf(answer)))[1] === 'web>cart 4',
    );
    expect(later.graph.base).toBe(first.graph.revision);
    expect(graphOf(later).edges.map(({ source }) => lastOf(source))).toContain('web');
  });

  it('is told with latency and bytes a little later', async () => {
    const server = await serve(callSeries({ from: 'web', to: 'cart', rate: 2, ms: 20 }));
    await connect(server.url);
    const answer = await until(look, (each) => graphOf(each).edges[0]?.p95Ms != null);
    expect(graphOf(answer).edges[0]).toMatchObject({ requestBytes: 200, responseBytes: 2000 });
    expect(graphOf(answer).edges[0]!.p95Ms).toBeGreaterThan(10);
  });

  it('is grouped as asked, each view with its own revisions', async () => {
    const server = await serve(callSeries({ from: 'web', to: 'cart', rate: 2 }));
    await connect(server.url);
    const byWorkload = await lookReady();
    const byNamespace = await look({ group: 'namespace', base: byWorkload.graph.revision });
    expect(byNamespace.graph.base).toBeNull();
    expect(graphOf(byNamespace).nodes.map(({ id }) => id)).toEqual(['namespace:c1/shop/shop']);
  });

  it('merges the servers of its clusters, each cluster by its own name', async () => {
    turnTo(await makeMesh('two', []));
    const east = await joinCluster(meshId, 'east');
    const west = await joinCluster(meshId, 'west');
    const own = { source_cluster: 'Kubernetes', destination_cluster: 'Kubernetes' };
    const one = await serve(callSeries({ from: 'web', to: 'cart', rate: 2, more: own }));
    const two = await serve(callSeries({ from: 'web', to: 'cart', rate: 5, more: own }));
    await connect(one.url, { clusterId: east });
    await connect(two.url, { clusterId: west });
    const { nodes, edges } = graphOf(await lookReady());
    expect(nodes.map(({ id }) => id)).toEqual([
      'workload:east/shop/cart',
      'workload:east/shop/web',
      'workload:west/shop/cart',
      'workload:west/shop/web',
    ]);
    expect(edges.map(({ rate }) => rate)).toEqual([2, 5]);
  });

  it('shows the workloads of the inventory, and says that nobody tells of traffic', async () => {
    const clusterId = await joinCluster(meshId, 'c2');
    await platform.db.system.cluster.update({
      where: { id: clusterId },
      data: { inventory: { digest: 'd', namespaces: [], owned: {}, workloads: [quietWorkload] } },
    });
    const answer = await look();
    expect(answer).toMatchObject({ state: 'noSource', sources: [], asOf: null });
    expect(answer.message).toMatch(/Integrations/);
    expect(graphOf(answer).nodes).toMatchObject([
      { name: 'quiet', health: 'healthy', traffic: 'unsure' },
    ]);
  });

  it('tells proxies that nobody is told of from those without traffic', async () => {
    const server = await serve([], (asked, response) => {
      if (!asked.promql.includes('istio_build')) return false;
      response.end(vector([{ labels: { namespace: 'shop', pod: 'quiet-1' }, value: 1 }]));
      return true;
    });
    await connect(server.url);
    const { clusterId } = await platform.db.system.meshCluster.findFirstOrThrow({
      where: { meshId },
    });
    const names = ['quiet', 'silent'];
    const workloads = names.map((name) => ({ ...quietWorkload, name }));
    await platform.db.system.cluster.update({
      where: { id: clusterId },
      data: { inventory: { digest: 'd', namespaces: [], owned: {}, workloads } },
    });
    await tellProxies(clusterId, names);
    const answer = await until(look, (each) =>
      graphOf(each).nodes.some(({ traffic }) => traffic === 'missing'),
    );
    expect(graphOf(answer).nodes.map(({ name, traffic }) => `${name} ${traffic}`)).toEqual([
      'quiet idle',
      'silent missing',
    ]);

    await tellProxies(clusterId, ['quiet']);
    const later = await until(look, (each) =>
      graphOf(each).nodes.every(({ traffic }) => traffic !== 'missing'),
    );
    expect(graphOf(later).nodes.map(({ name, traffic }) => `${name} ${traffic}`)).toEqual([
      'quiet idle',
      'silent unsure',
    ]);
  });

  it('of a moment that is over is asked of the server once, and says when nothing is known', async () => {
    const server = await serve(
      callSeries({ from: 'web', to: 'cart', rate: 2 }),
      (asked, response) => {
        const time = Number(asked.form.get('time') ?? Infinity);
        if (time > Date.now() / 1000 - 7_200) return false;
        response.end(vector([]));
        return true;
      },
    );
    await connect(server.url);
    const at = new Date(Date.now() - 600_000).toISOString();
    const answer = await look({ at });
    expect(answer).toMatchObject({ state: 'past', retryMs: null, graph: { at: Date.parse(at) } });
    expect(edgesOf(graphOf(answer))).toEqual(['web>cart 2']);
    const asked = server.asked.length;
    await look({ at, group: 'namespace' });
    expect(server.asked.length).toBe(asked);
    const empty = await look({ at: new Date(Date.now() - 86_400_000).toISOString() });
    expect(empty.message).toMatch(/no traffic at that moment/);
    await expect(look({ at: new Date(Date.now() + 60_000).toISOString() })).rejects.toThrow(
      'not there yet',
    );
  });

  it('is what its agents tell where there is no Prometheus, now, before, and over time', async () => {
    const agent = await joinCluster(await makeMesh('told', [], 'agent'), 'north');
    turnTo(
      (await platform.db.system.meshCluster.findUniqueOrThrow({ where: { clusterId: agent } }))
        .meshId,
    );
    await keepPartitions(platform.db.pool, Date.now());
    const silent = await until(look, ({ message }) => /told of no traffic yet/.test(message));
    expect(silent).toMatchObject({ state: 'starting', sources: [{ state: 'pending' }] });
    const labels: Record<string, string> = callSeries({ from: 'web', to: 'cart', rate: 1 })[0]!
      .labels;
    const at = Date.now() - 1_000;
    const texts = edgeLabels.map((name) => labels[name] ?? '');
    const strings = [...new Set(texts)];
    const tell = (seq: number, endsAt: number): TelemetryReport => ({
      bootId: 'b',
      startedAt: at,
      seq,
      scrapes: true,
      at: endsAt,
      windowS: 10,
      strings: seq === 0 ? strings : [],
      labels: seq === 0 ? [texts.map((text) => strings.indexOf(text))] : [],
      edges: seq === 0 ? [] : [1],
      columns: { requests: [3] },
      histograms: { rows: [], rates: [] },
      proxies: null,
      dropped: { edges: 0, reports: 0, samples: 0 },
    });
    const by = { clusterId: agent, clusterName: 'north', organisationId: tenant.organisationId };
    for (const [seq, endsAt] of [at - 20_000, at - 10_000, at].entries()) {
      const took = await takeTelemetry(platform, { ...by, generation: 0 }, tell(seq, endsAt));
      expect(took.accepted).toBe(true);
    }
    const now = await until(look, ({ state }) => state !== 'starting');
    expect(now).toMatchObject({ state: 'live', sources: [{ kind: 'agent', state: 'ok' }] });
    const graph = graphOf(now);
    expect(graph.edges.map(({ id, rate }) => [id, rate])).toEqual([
      ['workload:north/shop/web>workload:north/shop/cart#http', 3],
    ]);
    const past = graphOf(await look({ at: new Date(at - 9_000).toISOString() }));
    expect(past.edges.map(({ rate }) => rate)).toEqual([3]);
    const signals = await tenant.callAs('viewer', topologySignals, {
      meshId,
      subject: graph.edges[0]!.id,
      stepS: 10,
    });
    expect(signals.sources).toMatchObject([{ kind: 'agent', state: 'ok' }]);
    expect(signals.inbound!.rate.filter((rate) => rate !== null)).toContain(3);
    expect(signals.inbound!.rate[0]).toBeNull();
  });

  it('is asked through the agent of a cluster for a server that only this one reaches', async () => {
    const { organisationId } = tenant;
    const clusterId = await joinCluster(meshId, 'inside');
    await platform.db.system.cluster.update({
      where: { id: clusterId },
      data: { registeredAt: new Date(), lastSeenAt: new Date() },
    });
    const server = await serve(callSeries({ from: 'web', to: 'cart', rate: 2, ms: 20 }));
    const agent = { clusterId, clusterName: 'inside', organisationId, generation: 0 };
    const address = 'http://prometheus.monitoring.svc:9090';
    endings.push(await answerReads(platform, agent, (url) => url.replace(address, server.url)));
    const { id } = await connect(address, { clusterId, reach: 'agent' });
    const told = await until(
      () => tenant.callAs('admin', integrationTest, { integrationId: id }),
      ({ outcome }) => outcome !== 'failed',
    );
    expect(told.checks[0]).toMatchObject({ outcome: 'ok' });
    const graph = graphOf(await lookReady());
    expect(graph.edges.map(({ rate }) => rate)).toEqual([2]);
    const subject = graph.edges[0]!.id;
    const signals = await until(
      () => tenant.callAs('viewer', topologySignals, { meshId, subject }),
      ({ sources }) => sources[0]?.state === 'ok',
    );
    expect(signals.inbound!.rate[0]).toBe(2);
  });

  it('of another organisation is not there', async () => {
    const other = await makeTenant(platform, 'Other');
    await expect(other.callAs('owner', topologyGet, { meshId })).rejects.toThrow('no mesh');
    await expect(
      other.callAs('owner', topologySignals, { meshId, subject: 'workload:c1/shop/web' }),
    ).rejects.toThrow('no mesh');
  });

  it('tells consoles when it moves on', async () => {
    let rate = 1;
    const server = await serve(() => callSeries({ from: 'web', to: 'cart', rate: rate++ }));
    await connect(server.url);
    await lookReady();
    const events = await until(
      async () => {
        await look();
        return platform.db.system.changeEvent.findMany({
          where: { organisationId: tenant.organisationId, topic: 'topology' },
        });
      },
      (found) => found.length > 0,
    );
    expect(events[0]).toMatchObject({ resourceId: meshId, change: 'updated' });
  });
});
