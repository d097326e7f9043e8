import { PassThrough, Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { edgeLabels } from '@ambit/contracts/agent/telemetry';
import { captured, capturedLines } from '@ambit/telemetry/captured/captured';
import { expect, it, onTestFinished, vi } from 'vitest';
import { KubeError } from '../../kube/client.ts';
import type { PodHttp } from '../../kube/pod-http.ts';
import type { Session } from '../../link/session.ts';
import { makeAccessLogs, type AccessLogTiming } from './access-logs.ts';
import { makeTelemetry } from './manager.ts';
import { makeScraper, type ScrapedPod } from './scrape.ts';

const podOf = (more: Partial<ScrapedPod>): ScrapedPod => ({
  namespace: 'mall',
  pod: 'waypoint-0',
  kind: 'waypoint',
  ip: '10.244.0.13',
  node: 'n',
  ready: true,
  version: '1',
  container: 'istio-proxy',
  isIstiod: false,
  app: 'waypoint',
  appVersion: 'latest',
  workload: 'waypoint',
  ...more,
});
const waypoint = podOf({});
const client = podOf({
  namespace: 'street',
  pod: 'client-0',
  kind: 'sidecar',
  ip: '10.244.0.11',
  app: 'client',
  workload: 'client',
});
const server = podOf({
  namespace: 'street',
  pod: 'echo-v1-0',
  kind: 'sidecar',
  ip: '10.244.0.10',
  app: 'echo',
  workload: 'echo-v1',
});
const callers: Record<string, { namespace: string; workload: string; pod: string }> = {
  '10.244.0.9': { namespace: 'mall', workload: 'client', pod: 'mall/client-0' },
  '10.244.0.11': { namespace: 'street', workload: 'client', pod: 'street/client-0' },
};

/** Proxies that show what is set, and logs that are written by hand. */
function world(timing: Partial<AccessLogTiming> = {}) {
  const shown = new Map<string, string>();
  const logs = new Map<string, PassThrough>();
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const http: PodHttp = {
    get: ({ pod }) =>
      Promise.resolve(
        Readable.from([Buffer.from(shown.get(pod) ?? '')]) as unknown as IncomingMessage,
      ),
  };
  const opened: string[] = [];
  const ended: string[] = [];
  const accessLogs = makeAccessLogs({
    client: {
      open: (_, path, options) => {
        const pod = path.split('/').at(-2)!;
        opened.push(pod);
        options?.signal?.addEventListener('abort', () => ended.push(pod));
        const log = new PassThrough();
        logs.set(pod, log);
        return Promise.resolve(log as unknown as IncomingMessage);
      },
    },
    peerOf: (address) => {
      const of = callers[address];
      return of ? { ...of, app: of.workload, version: 'latest' } : null;
    },
    isNamespace: () => true,
    timing: { retryMs: 0, ...timing },
  });
  const scraper = makeScraper(
    http,
    Date.now,
    { everyMs: 1, timeoutMs: 5_000, concurrency: 1 },
    accessLogs,
  );
  const at = (name: string) => edgeLabels.indexOf(name as never);
  return {
    opened,
    ended,
    show: (pod: string, text: string) => shown.set(pod, text),
    /** Writes lines, and waits until they are counted. */
    write: async (pod: string, lines: string[]) => {
      await vi.waitFor(() => expect(logs.has(pod)).toBe(true), 20_000);
      const log = logs.get(pod)!;
      log.write(lines.map((line) => `${line}\n`).join(''));
      await vi.waitFor(() => expect(log.readableLength + log.writableLength).toBe(0), 20_000);
      await new Promise((resolve) => setImmediate(resolve));
    },
    end: (pod: string) => {
      logs.get(pod)!.end();
      logs.delete(pod);
    },
    round: async (...pods: ScrapedPod[]) => {
      await scraper.round(pods, stop.signal);
      const told: { source: string; reporter: string; requests: number }[] = [];
      scraper.fold.drain(({ labels, rates }) => {
        const requests = rates[0]!;
        if (requests > 0) {
          told.push({
            source: labels[at('source_workload')]!,
            reporter: labels[at('reporter')]!,
            requests,
          });
        }
      });
      return told;
    },
  };
}

const lines = capturedLines('waypoint-log');
const many = (count: number) => Array.from({ length: count }, () => lines[1]!);
const moved = 3105 + 322 - 2847 - 284;

it("a waypoint's log names who asked; its counters tell what it does not", async () => {
  const { show, write, round, end, opened } = world();
  show('waypoint-0', captured('waypoint-1'));
  expect(await round(waypoint)).toEqual([]);
  await write('waypoint-0', []);
  expect(await round(waypoint)).toEqual([]);
  show('waypoint-0', captured('waypoint-2'));
  await write('waypoint-0', many(moved));
  const logged = await round(waypoint);
  expect(new Set(logged.map(({ source }) => source))).toEqual(new Set(['client']));
  // Nothing moved since: what the log told is not told again by the counters.
  expect(await round(waypoint)).toEqual([]);
  end('waypoint-0');
  await vi.waitFor(() => expect(opened).toHaveLength(2), 20_000);
  show('waypoint-0', captured('waypoint-2').replaceAll(/ 3105$/gm, ' 4000'));
  const counted = await round(waypoint);
  expect(counted.map(({ source, reporter }) => [source, reporter])).toEqual([['', 'waypoint']]);
});

it('a log that is filtered is not believed', async () => {
  const { show, write, round } = world();
  show('waypoint-0', captured('waypoint-1'));
  await round(waypoint);
  await write('waypoint-0', []);
  await round(waypoint);
  show('waypoint-0', captured('waypoint-2'));
  await write('waypoint-0', many(Math.floor(moved / 3)));
  const told = await round(waypoint);
  expect(new Set(told.map(({ source }) => source))).toEqual(new Set(['']));
});

it("a server's log is left out where the client's counters tell of the same requests", async () => {
  const { show, write, round } = world();
  show('client-0', captured('sidecar-1'));
  show('echo-v1-0', '');
  await round(client, server);
  await write('echo-v1-0', []);
  await round(client, server);
  show('client-0', captured('sidecar-2'));
  await write('echo-v1-0', capturedLines('server-log'));
  const told = await round(client, server);
  expect(new Set(told.map(({ reporter }) => reporter))).toEqual(new Set(['source']));
  await write('client-0', capturedLines('sidecar-log'));
  await write('echo-v1-0', capturedLines('server-log'));
  const both = await round(client, server);
  expect(new Set(both.map(({ reporter }) => reporter))).toEqual(new Set(['source', 'destination']));
});

it('a log that tells more than is counted is left alone, and no more logs than that are followed', async () => {
  const { show, write, round, opened } = world({ mostBytes: 1_000, restMs: 1e9, most: 1 });
  show('waypoint-0', captured('waypoint-1'));
  show('client-0', captured('sidecar-1'));
  await round(waypoint, client);
  await write('waypoint-0', many(100));
  expect(await round(waypoint, client)).toEqual([]);
  show('waypoint-0', captured('waypoint-2'));
  const told = await round(waypoint, client);
  expect(new Set(told.map(({ source }) => source))).toEqual(new Set(['']));
  expect(opened).toEqual(['waypoint-0']);
});

it('proxies with metrics of Istio are read by these alone', async () => {
  const { show, round, opened } = world();
  show('waypoint-0', 'istio_build{component="proxy",tag="1.31.0"} 1\n');
  await round(waypoint);
  await round(waypoint);
  expect(opened).toEqual([]);
});

it('a log is followed no more once its proxy has metrics of Istio', async () => {
  const { show, round, opened, ended } = world();
  show('waypoint-0', captured('waypoint-1'));
  await round(waypoint);
  expect([opened, ended]).toEqual([['waypoint-0'], []]);
  show('waypoint-0', 'istio_build{component="proxy",tag="1.31.0"} 1\n');
  await round(waypoint);
  await round(waypoint);
  expect(ended).toEqual(['waypoint-0']);
});

it('no log is followed while nobody wants what proxies count', async () => {
  const stop = new AbortController();
  const kept: string[][] = [];
  let drained = 0;
  const telemetry = makeTelemetry({
    session: {
      nowMs: Date.now,
      call: () => Promise.reject(new Error('there is no platform here')),
    } as unknown as Session,
    http: {
      get: () =>
        Promise.resolve(
          Readable.from([Buffer.from(captured('waypoint-1'))]) as unknown as IncomingMessage,
        ),
    },
    pods: () => [waypoint],
    logs: { drain: () => (drained++, null), keep: (pods) => kept.push([...pods]) },
    say: () => {},
    timing: { everyMs: 1, idleEveryMs: 1, syncEveryMs: 60_000 },
  });
  telemetry.want(true);
  const running = telemetry.run(stop.signal);
  await vi.waitFor(() => expect(kept.at(-1)).toEqual(['mall/waypoint-0']), 20_000);
  telemetry.want(false);
  await vi.waitFor(() => expect(kept.at(-1)).toEqual([]), 20_000);
  const before = drained;
  const looks = kept.length;
  await vi.waitFor(() => expect(kept.length).toBeGreaterThan(looks), 20_000);
  expect([drained, kept.at(-1)]).toEqual([before, []]);
  stop.abort();
  await running;
});

it('a log that the agent may not read is left alone; one that cannot be read now is tried again', async () => {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const asked: string[] = [];
  const answers: Record<string, KubeError> = {
    'waypoint-0': new KubeError(403, {}),
    'client-0': new KubeError(400, {}),
  };
  const logs = makeAccessLogs({
    client: {
      open: (_, path) => {
        const pod = path.split('/').at(-2)!;
        asked.push(pod);
        return Promise.reject(answers[pod]!);
      },
    },
    peerOf: () => null,
    isNamespace: () => true,
    timing: { retryMs: 0, restMs: 1e9 },
  });
  const self = { cluster: '', namespace: '', workload: '', app: '', version: '' };
  for (const pod of [waypoint, client]) logs.drain(pod, self, stop.signal);
  const of = (name: string) => asked.filter((pod) => pod === name).length;
  await vi.waitFor(() => expect(of('client-0')).toBeGreaterThan(3), 20_000);
  expect(of('waypoint-0')).toBe(1);
});
