import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect, load, quantile, type Subject, type Timing } from './client.ts';
import { policy, policyName, virtualServices } from './policies.ts';
import { findBinaries, startOurs, startPeer } from './subjects.ts';

export interface BenchOptions {
  /** Where kube-apiserver and etcd are; without them the peer's figures are null. */
  binFolder?: string;
  /** 1: the full sizes. Smaller: a quick look. */
  scale?: number;
  clients?: number;
  /** APIs held at a time for the memory figures. */
  memoryCounts?: number[];
  say?: (line: string) => void;
}

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The peer's value in the same run. */
  peer: number | null;
  /** How many times better than the peer: above 1 is better, whatever the unit. */
  ratio: number | null;
}

type Measured = Record<string, { value: number; unit: string }>;

const runFile = promisify(execFile);

/** Measures the server of this package, and kube-apiserver over etcd beside it, one after the other. */
export async function run(options: BenchOptions = {}): Promise<Figure[]> {
  const say = options.say ?? (() => {});
  const binaries = options.binFolder === undefined ? undefined : findBinaries(options.binFolder);
  let theirs: Measured = {};
  let ours: Measured;
  if (binaries === undefined) {
    say('no kube-apiserver and etcd were found: no peer in this run');
    ours = await measureAndStop(await startOurs(), options);
  } else {
    const peer = await startPeer(binaries);
    try {
      const subject = await startOurs({ key: peer.key, cert: peer.cert });
      say(`measuring ${subject.name}`);
      ours = await measureAndStop(subject, options);
      say(`measuring ${peer.name}`);
      theirs = await measure(peer, options);
    } finally {
      await peer.stop();
    }
  }
  for (const count of options.memoryCounts ?? [1, 100, 1_000]) {
    say(`memory of ${count} APIs`);
    ours[`mesh_memory_kb_at_${count}`] = { value: await memoryOf(count), unit: 'KiB' };
  }
  return Object.entries(ours).map(([name, { value, unit }]) => {
    const peer = theirs[name]?.value ?? null;
    const better = unit === '1/s' ? value / (peer ?? Number.NaN) : (peer ?? Number.NaN) / value;
    return {
      name,
      value: round(value),
      unit,
      peer: peer === null ? null : round(peer),
      ratio: peer === null ? null : round(better),
    };
  });
}

const round = (value: number): number => Number(value.toPrecision(4));

async function measureAndStop(subject: Subject, options: BenchOptions): Promise<Measured> {
  try {
    return await measure(subject, options);
  } finally {
    await subject.stop();
  }
}

async function measure(subject: Subject, options: BenchOptions): Promise<Measured> {
  const scale = options.scale ?? 1;
  const clients = options.clients ?? 16;
  const client = connect(subject, clients);
  const measured: Measured = {};
  const put = (name: string, timing: Timing): void => {
    measured[`${name}_per_s`] = { value: timing.perSecond, unit: '1/s' };
    measured[`${name}_p50_ms`] = { value: timing.p50Ms, unit: 'ms' };
    measured[`${name}_p99_ms`] = { value: timing.p99Ms, unit: 'ms' };
  };
  const create = (index: number) => client.send('POST', virtualServices, policy(index).body);
  const list = async (count: number): Promise<void> => {
    const timing = await load(10, 1, () => client.send('GET', virtualServices));
    measured[`list_${count}_ms`] = { value: timing.p50Ms, unit: 'ms' };
  };
  try {
    const [small, middle, large] = [100, 2_000, 10_000].map((size) => Math.ceil(size * scale)) as [
      number,
      number,
      number,
    ];
    await load(small, clients, create);
    await list(100);
    put('create', await load(middle - small, clients, (index) => create(small + index)));
    await list(2_000);
    put(
      'get',
      await load(middle, clients, (index) =>
        client.send('GET', `${virtualServices}/${policyName(index)}`),
      ),
    );
    const versions = await versionsOf(client);
    put(
      'update',
      await load(middle, clients, (index) => {
        const body = JSON.parse(policy(index, 1).body) as { metadata: Record<string, unknown> };
        body.metadata.resourceVersion = versions.get(policyName(index));
        return client.send('PUT', `${virtualServices}/${policyName(index)}`, JSON.stringify(body));
      }),
    );
    put(
      'apply',
      await load(middle, clients, (index) =>
        client.send(
          'PATCH',
          `${virtualServices}/${policyName(index)}?fieldManager=bench&force=true`,
          policy(index, 2).body,
          'application/apply-patch+yaml',
        ),
      ),
    );
    Object.assign(measured, await fanOut(client, Math.ceil(300 * scale)));
    await load(large - middle, clients, (index) => create(middle + index));
    await list(10_000);
    return measured;
  } finally {
    client.close();
  }
}

async function versionsOf(client: ReturnType<typeof connect>): Promise<Map<string, string>> {
  const { body } = await client.send('GET', virtualServices);
  const { items } = JSON.parse(body.toString()) as {
    items: { metadata: { name: string; resourceVersion: string } }[];
  };
  return new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
}

const WATCHERS = 100;

/** One writer, 100 watchers: the time from sending a write to reading its event. */
async function fanOut(client: ReturnType<typeof connect>, writes: number): Promise<Measured> {
  const { body } = await client.send('GET', `${virtualServices}?limit=1`);
  const from = (JSON.parse(body.toString()) as { metadata: { resourceVersion: string } }).metadata
    .resourceVersion;
  const delays: number[] = [];
  let done = (): void => {};
  const all = new Promise<void>((resolve) => (done = resolve));
  const expected = writes * WATCHERS;
  const stops = await Promise.all(
    Array.from({ length: WATCHERS }, () =>
      client.watch(`${virtualServices}?watch=true&resourceVersion=${from}`, (line) => {
        const sent = /"bench\/sent":"([\d.]+)"/.exec(line)?.[1];
        if (sent === undefined) return;
        delays.push(performance.now() - Number(sent));
        if (delays.length === expected) done();
      }),
    ),
  );
  const started = performance.now();
  for (let i = 0; i < writes; i++) {
    const patch = JSON.stringify({
      metadata: { annotations: { 'bench/sent': String(performance.now()) } },
    });
    await client.send(
      'PATCH',
      `${virtualServices}/${policyName(i % 50)}`,
      patch,
      'application/merge-patch+json',
    );
  }
  await all;
  const seconds = (performance.now() - started) / 1000;
  stops.forEach((stop) => stop());
  return {
    watch_fanout_p50_ms: { value: quantile(delays, 0.5), unit: 'ms' },
    watch_fanout_p99_ms: { value: quantile(delays, 0.99), unit: 'ms' },
    watch_events_per_s: { value: expected / seconds, unit: '1/s' },
  };
}

async function memoryOf(count: number): Promise<number> {
  const program = fileURLToPath(new URL('./memory.ts', import.meta.url));
  const { stdout } = await runFile(process.execPath, [
    '--expose-gc',
    '--max-old-space-size=8000',
    program,
    String(count),
  ]);
  return Number(stdout.trim());
}
