import { connect, load, quantile, type Subject, type Timing } from './client.ts';
import { policy, policyName, virtualServices } from './policies.ts';

export interface MeasureOptions {
  /** 1: the full sizes. Smaller: a quick look. */
  scale?: number;
  clients?: number;
}

/** Figures by name. */
export type Measured = Record<string, { value: number; unit: string }>;

/** What a Kubernetes API does with one mesh's policies: writes, reads, lists of three sizes, a hundred watchers. */
export async function measure(subject: Subject, options: MeasureOptions = {}): Promise<Measured> {
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
