import { createTally, type Peer, type Tally } from '@ambit/telemetry/access-log/tally';
import type { Self } from '@ambit/telemetry/exposition/envoy';
import { isStatus, type KubeClient } from '../../kube/client.ts';
import { sleep } from '../../wait.ts';
import type { ScrapedPod } from './scrape.ts';

export interface AccessLogsInput {
  client: Pick<KubeClient, 'open'>;
  /** Null for an address of no pod of this cluster. */
  peerOf(address: string): Peer | null;
  isNamespace(name: string): boolean;
  timing?: Partial<AccessLogTiming>;
}

export interface AccessLogTiming {
  retryMs: number;
  /** How long a log is left alone that told more than is counted, or that the agent may not read. */
  restMs: number;
  /** Proxies whose logs are followed at once. */
  most: number;
  /** Of one log in one interval. */
  mostBytes: number;
}

const accessLogTiming: AccessLogTiming = {
  retryMs: 10_000,
  restMs: 5 * 60_000,
  most: 64,
  mostBytes: 8 * 1024 * 1024,
};

/** A log that is not told of for so long ends its connection; it is opened again. */
const quietMs = 10 * 60_000;
const longestLine = 32 * 1024;

type Told = ReturnType<Tally['drain']>;

/** Follows the access logs of proxies that have no metrics of Istio's. Lines are counted here and go nowhere. */
export interface AccessLogs {
  /** What a proxy's log told since the last time. Null when it was not followed all the time since. Begins to follow it. */
  drain(pod: ScrapedPod, self: Self, signal: AbortSignal): Told | null;
  /** Ends with those that are not there any more. */
  keep(pods: ReadonlySet<string>): void;
}

interface Followed {
  tally: Tally;
  address: string;
  end: AbortController;
  /** It is open, and has been since the last time it was drained. */
  isWhole: boolean;
  isOpen: boolean;
  bytes: number;
  drainedAt: number;
}

export function makeAccessLogs(input: AccessLogsInput): AccessLogs {
  const { client, peerOf, isNamespace } = input;
  const timing = { ...accessLogTiming, ...input.timing };
  const followed = new Map<string, Followed>();

  const read = async (of: Followed, pod: ScrapedPod, signal: AbortSignal): Promise<void> => {
    const answer = await client.open(
      'GET',
      `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.pod)}/log`,
      {
        accept: '*/*',
        signal,
        timeoutMs: quietMs,
        query: { container: pod.container, follow: 'true', tailLines: '0' },
      },
    );
    of.isOpen = true;
    let rest = '';
    answer.setEncoding('utf8');
    for await (const chunk of answer) {
      of.bytes += (chunk as string).length;
      if (of.bytes > timing.mostBytes) {
        answer.destroy();
        return;
      }
      const lines = (rest + (chunk as string)).split('\n');
      rest = lines.pop()!;
      // What is more of a line without end is lost with it.
      if (rest.length > longestLine) rest = '';
      for (const line of lines) of.tally.take(line);
    }
  };

  const follow = async (of: Followed, pod: ScrapedPod, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      // It cannot be read, or it ended: the proxy's own counters tell meanwhile.
      const problem = await read(of, pod, signal).catch((error: unknown) => error);
      of.isOpen = false;
      of.isWhole = false;
      const isInVain = of.bytes > timing.mostBytes || isStatus(problem, 403);
      await sleep(isInVain ? timing.restMs : timing.retryMs, signal).catch(() => {});
      of.bytes = 0;
    }
  };

  return {
    drain: (pod, self, signal) => {
      const key = `${pod.namespace}/${pod.pod}`;
      const known = followed.get(key);
      const now = performance.now();
      if (known === undefined || known.address !== (pod.ip ?? '')) {
        known?.end.abort();
        followed.delete(key);
        // Sidecars leave room for what others go through.
        const room = pod.kind === 'sidecar' ? timing.most / 2 : timing.most;
        if (followed.size >= room || pod.ip === null) return null;
        const of: Followed = {
          tally: createTally({ self, address: pod.ip, peerOf, isNamespace }),
          address: pod.ip,
          end: new AbortController(),
          isWhole: false,
          isOpen: false,
          bytes: 0,
          drainedAt: now,
        };
        followed.set(key, of);
        void follow(of, pod, AbortSignal.any([signal, of.end.signal]));
        return null;
      }
      const told = known.tally.drain(Math.max(0.001, (now - known.drainedAt) / 1000));
      const isWhole = known.isWhole;
      known.drainedAt = now;
      known.isWhole = known.isOpen;
      if (known.isOpen) known.bytes = 0;
      return isWhole ? told : null;
    },
    keep: (pods) => {
      for (const [key, { end }] of followed) {
        if (pods.has(key)) continue;
        end.abort();
        followed.delete(key);
      }
    },
  };
}
