import { holdLabel } from '@ambit/contracts/agent/waypoint';
import {
  deleteObject,
  findLabelled,
  readObject,
  type Cluster,
  type Found,
} from '../../kube/objects.ts';
import { readAtMost, type PodHttp } from '../../kube/pod-http.ts';
import type { Metadata } from '../../kube/watch.ts';
import { inParallel, sleep } from '../../wait.ts';
import { figuresPath, readSample } from './figures.ts';
import { holdKinds, holdNameFor } from './hold.ts';
import { isHoldOf, type PodObject } from './objects.ts';
import { readyPods, statsPort } from './replicas.ts';

export interface DrainInput {
  namespace: string;
  name: string;
  /** At most this long. */
  boundS: number;
  /** The waypoint itself goes next, and what holds its clusters with it; else the hold ends here. */
  release: boolean;
  /** Those that left it: what is held for others stays. Missing: every hold of the waypoint ends. */
  services?: { namespace: string; name: string }[] | undefined;
}

/** What one replica shows; null: it does not tell. */
export interface Look {
  active: number | null;
  requests: number | null;
}

const timeoutMs = 5_000;
const maxBytes = 8 * 1024 * 1024;
const lookEveryMs = 1_000;
/** Looks in a row, one after another, in which nothing was under way and nothing new came. */
const quietLooks = 3;
/** Where replicas tell nothing: about as long as Envoy takes to ask every client to go elsewhere. */
const blindS = 10;

/**
 * The action drain-waypoint: waits until nothing goes through a waypoint any more, by the counters of its own proxies, and
 * no longer than it is told to. May be repeated.
 * @returns what was seen, in words
 */
export async function drainWaypoint(
  { cluster, http }: { cluster: Cluster; http: PodHttp },
  drain: DrainInput,
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const began = performance.now();
  const elapsedS = () => (performance.now() - began) / 1_000;
  let before = new Map<string, Look>();
  let quiet = 0;
  let said = '';
  for (;;) {
    const pods = await readyPods(cluster, drain, signal);
    const now = new Map<string, Look>();
    await inParallel(pods, 8, async (pod) => {
      now.set(pod.metadata.name, await look(http, pod, signal));
    });
    const verdict = isQuiet(before, now);
    if (pods.length === 0) {
      said = 'no replica serves: nothing is open';
      break;
    }
    quiet = verdict === 'quiet' ? quiet + 1 : 0;
    if (quiet >= quietLooks) {
      said = `no request for ${quietLooks} s, after ${elapsedS().toFixed(0)} s`;
      break;
    }
    const blind = verdict === 'blind';
    if (blind && elapsedS() >= Math.min(blindS, drain.boundS)) {
      said = `its proxies do not tell of requests: waited ${elapsedS().toFixed(0)} s`;
      break;
    }
    if (elapsedS() >= drain.boundS) {
      said = `requests still went through it after ${elapsedS().toFixed(0)} s`;
      break;
    }
    progress(
      blind
        ? 'its proxies do not tell of requests: waiting'
        : `${sum(now)} requests under way; waiting until none comes`,
    );
    before = now;
    await sleep(lookEveryMs, signal);
  }
  if (!drain.release) await endHolds(cluster, drain, signal);
  return said;
}

/** Whether nothing was under way at either look and nothing came in between; blind: some replica does not tell. Pure. */
export function isQuiet(
  before: ReadonlyMap<string, Look>,
  now: ReadonlyMap<string, Look>,
): 'quiet' | 'busy' | 'blind' {
  let blind = false;
  for (const [pod, { active, requests }] of now) {
    if ((active ?? 0) > 0) return 'busy';
    const last = before.get(pod);
    if (active === null && requests === null) blind = true;
    else if (requests !== null && (last?.requests ?? null) !== requests) return 'busy';
  }
  return blind ? 'blind' : 'quiet';
}

const sum = (looks: ReadonlyMap<string, Look>): number =>
  [...looks.values()].reduce((all, { active }) => all + (active ?? 0), 0);

async function look(http: PodHttp, pod: PodObject, signal: AbortSignal): Promise<Look> {
  try {
    const answer = await http.get(
      {
        namespace: pod.metadata.namespace ?? '',
        pod: pod.metadata.name,
        ip: pod.status?.podIP ?? null,
        port: statsPort,
        path: figuresPath,
        loopback: false,
        timeoutMs,
      },
      AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    );
    const text = (await readAtMost(answer, maxBytes)).toString('utf8');
    const { active, requests } = readSample(text, performance.now());
    return { active, requests };
  } catch {
    signal.throwIfAborted();
    return { active: null, requests: null };
  }
}

async function endHolds(
  cluster: Cluster,
  { namespace, name, services }: DrainInput,
  signal: AbortSignal,
): Promise<void> {
  for (const found of await holdsOf(cluster, { namespace, name, services }, signal)) {
    await deleteObject(cluster, found, signal);
  }
}

async function holdsOf(
  cluster: Cluster,
  { namespace, name, services }: Pick<DrainInput, 'namespace' | 'name' | 'services'>,
  signal: AbortSignal,
): Promise<Found[]> {
  if (services === undefined) {
    const all = await findLabelled(cluster, holdKinds, holdLabel, signal);
    return all.filter((hold) => isHoldOf(hold, { namespace, name }));
  }
  const ref = {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    namespace,
    name: holdNameFor({ name, services }),
  };
  const found = await readObject(cluster, ref, signal);
  return found ? [{ ref, metadata: found.metadata as unknown as Metadata }] : [];
}
