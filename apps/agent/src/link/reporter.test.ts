import { describe, expect, it } from 'vitest';
import { agentLimits, type StatusReport } from '@ambit/contracts/agent/protocol';
import { LinkError } from './http.ts';
import { makeLogRing } from './log-ring.ts';
import { makeReporter, type Snapshot } from './reporter.ts';

const snapshot = (generation: number): Snapshot => ({
  generation,
  agent: { version: '1', pod: 'p', namespace: 'n' },
  cluster: { kubernetesVersion: 'v1', nodes: [], foreignIstio: [], gatewayApi: null },
  bundles: [],
  actions: [],
  conditions: [],
});

function start(
  reply: (report: StatusReport, count: number) => object | LinkError,
  heartbeatMs = 60_000,
) {
  const reports: StatusReport[] = [];
  const at: number[] = [];
  let generation = 0;
  const stop = new AbortController();
  const logs = makeLogRing();
  const reporter = makeReporter({
    session: {
      nowMs: () => Date.now(),
      call: async (_path, { json }) => {
        const report = json as StatusReport;
        reports.push(report);
        at.push(performance.now());
        const body = reply(report, reports.length);
        if (body instanceof LinkError) throw body;
        return { status: 200, bytes: Buffer.from(JSON.stringify(body)) };
      },
    },
    logs,
    say: () => {},
    snapshot: () => snapshot(generation),
    heartbeatMs,
  });
  // Begins a turn later, so that a test can put something in its way first.
  const done = Promise.resolve().then(() => reporter.run(stop.signal));
  return {
    reports,
    at,
    logs,
    change: (to: number) => {
      generation = to;
      reporter.changed();
    },
    stop: async () => {
      stop.abort();
      await done;
    },
  };
}

const accept = (report: StatusReport) => ({ acceptedSeq: report.seq });
const poll = (check: () => unknown) => expect.poll(check, { timeout: 20_000, interval: 10 });

describe('reports', () => {
  it('make one of many changes, the latest, and keep their distance', async () => {
    const run = start(accept);
    await poll(() => run.reports.length).toBe(1);
    for (let i = 1; i <= 50; i++) run.change(i);
    await poll(() => run.reports.length).toBe(2);
    expect(run.reports[1]!.generation).toBe(50);
    expect(run.at[1]! - run.at[0]!).toBeGreaterThan(agentLimits.statusMinIntervalMs - 50);
    await run.stop();
  });

  it('come without any change as a heartbeat', async () => {
    const run = start(accept, 10);
    await poll(() => run.reports.length).toBe(2);
    expect(run.reports.map(({ seq }) => seq)).toEqual([0, 1]);
    await run.stop();
  });

  it('send log lines again until the platform has them', async () => {
    const run = start(
      (report, count) => (count <= 2 ? new LinkError(429, 'slow down', 20) : accept(report)),
      10,
    );
    run.logs.push({ at: new Date().toISOString(), bundle: 'b', level: 'info', text: 'once' });
    await poll(() => run.reports.length).toBeGreaterThanOrEqual(4);
    expect(run.reports.slice(0, 4).map(({ logs }) => logs.length)).toEqual([1, 1, 1, 0]);
    await run.stop();
  });

  it('begin a newer life when they are dropped as old', async () => {
    const run = start((report, count) => (count === 1 ? { acceptedSeq: 99 } : accept(report)), 10);
    await poll(() => run.reports.length).toBeGreaterThanOrEqual(3);
    const [first, second, third] = run.reports;
    expect(second!.bootId).not.toBe(first!.bootId);
    expect(Date.parse(second!.startedAt)).toBeGreaterThan(Date.parse(first!.startedAt));
    expect(third!.bootId).toBe(second!.bootId);
    await run.stop();
  });
});
