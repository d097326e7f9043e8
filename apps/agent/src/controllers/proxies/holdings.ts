import type { ProxyAdmin } from '@ambit/contracts/agent/telemetry';
import { podProblem, readAtMost, type PodHttp } from '../../kube/pod-http.ts';
import { sleep } from '../../wait.ts';
import { holdingsPlace } from '../reads/admin.ts';
import { certificatesOfEnvoy, holdingsOfZtunnel } from './admin.ts';
import type { ProxyPod } from './facts.ts';

export interface HoldingsTiming {
  /** A ztunnel is read again after this long, and an Envoy, whose certificate lives for hours. */
  ztunnelEveryMs: number;
  envoyEveryMs: number;
  /** What could not be read is tried again after this long. */
  retryMs: number;
  /** Shortest time between two reads. */
  pauseMs: number;
}

export const holdingsTiming: HoldingsTiming = {
  ztunnelEveryMs: 15_000,
  envoyEveryMs: 600_000,
  retryMs: 60_000,
  pauseMs: 250,
};

export interface Holdings {
  /** What a proxy showed, by `namespace/pod`; undefined until it was read or tried once. */
  of(pod: string): ProxyAdmin | undefined;
  run(signal: AbortSignal): Promise<void>;
}

const timeoutMs = 10_000;
/** A ztunnel knows every workload and service of the mesh: some 10 MB for 10,000 pods. */
const maxBytes = 64 * 1024 * 1024;
/** At most a tenth of the time goes into reads: a large mesh is read more slowly, not at a higher price. */
const restFactor = 9;

interface Known {
  admin: ProxyAdmin;
  dueMs: number;
  /** Redirected when it was read, and not carried then. */
  suspects: ReadonlySet<string>;
}

/**
 * Reads now and then what proxies show on their own admin interfaces: which certificates they have, and of ztunnels
 * which pods of the node they carry. Two lanes, so that many sidecars do not keep ztunnels waiting.
 */
export function makeHoldings(input: {
  http: PodHttp;
  pods(): ProxyPod[];
  /** Pods of a node that istio-cni has redirected, `namespace/name`. */
  redirected(node: string): string[];
  nowMs(): number;
  timing?: Partial<HoldingsTiming>;
}): Holdings {
  const { http, nowMs } = input;
  const timing = { ...holdingsTiming, ...input.timing };
  const known = new Map<string, Known>();
  const never: ReadonlySet<string> = new Set();

  const read = async (pod: ProxyPod, signal: AbortSignal): Promise<void> => {
    const key = keyOf(pod);
    const before = known.get(key);
    const isZtunnel = pod.kind === 'ztunnel';
    const redirected = isZtunnel ? input.redirected(pod.node) : [];
    try {
      const body = await readJson(http, pod, signal);
      const shown = isZtunnel
        ? holdingsOfZtunnel(body)
        : { certificates: certificatesOfEnvoy(body), carries: null };
      const carried = new Set(shown.carries);
      const suspects = new Set(
        shown.carries === null ? [] : redirected.filter((one) => !carried.has(one)),
      );
      const misses = [...suspects].filter((one) => before?.suspects.has(one)).sort();
      known.set(key, {
        admin: {
          readAt: Math.floor(nowMs()),
          problem: '',
          ...shown,
          misses: misses.slice(0, 2_000),
        },
        dueMs: performance.now() + (isZtunnel ? timing.ztunnelEveryMs : timing.envoyEveryMs),
        suspects,
      });
    } catch (error) {
      if (signal.aborted) return;
      const problem = podProblem(error).slice(0, 500);
      const admin = before?.admin ?? { readAt: null, certificates: [], carries: null, misses: [] };
      known.set(key, {
        // Whom it missed before it fell silent says nothing of now.
        admin: { ...admin, problem, misses: [] },
        dueMs: performance.now() + Math.min(timing.retryMs, timing.envoyEveryMs),
        suspects: never,
      });
    }
  };

  const lane = async (is: (pod: ProxyPod) => boolean, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const now = performance.now();
      const dueOf = (pod: ProxyPod) => known.get(keyOf(pod))?.dueMs ?? -Infinity;
      const due = input
        .pods()
        .filter((pod) => pod.kind !== null && pod.ready && is(pod) && dueOf(pod) <= now)
        .reduce<ProxyPod | null>((a, b) => (a && dueOf(a) <= dueOf(b) ? a : b), null);
      if (due) await read(due, signal);
      const tookMs = performance.now() - now;
      const pauseMs = due ? Math.max(timing.pauseMs, tookMs * restFactor) : 1_000;
      await sleep(Math.min(pauseMs, 60_000), signal).catch(() => {});
    }
  };

  const forget = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const there = new Set(input.pods().map(keyOf));
      for (const key of known.keys()) if (!there.has(key)) known.delete(key);
      await sleep(30_000, signal).catch(() => {});
    }
  };

  return {
    of: (pod) => known.get(pod)?.admin,
    run: async (signal) => {
      const isZtunnel = ({ kind }: ProxyPod) => kind === 'ztunnel';
      await Promise.all([
        lane(isZtunnel, signal),
        lane((pod) => !isZtunnel(pod), signal),
        forget(signal),
      ]);
    },
  };
}

const keyOf = ({ namespace, pod }: ProxyPod): string => `${namespace}/${pod}`;

async function readJson(http: PodHttp, pod: ProxyPod, signal: AbortSignal): Promise<unknown> {
  const { namespace, ip, kind } = pod;
  const answer = await http.get(
    { namespace, pod: pod.pod, ip, timeoutMs, ...holdingsPlace(kind) },
    AbortSignal.any([signal, AbortSignal.timeout(2 * timeoutMs)]),
  );
  return JSON.parse((await readAtMost(answer, maxBytes)).toString('utf8'));
}
