import type { WaypointFigures, WaypointTraffic } from '@ambit/contracts/agent/waypoint';
import { readAtMost, type PodHttp } from '../../kube/pod-http.ts';
import { inParallel } from '../../wait.ts';
import { between, figuresPath, readSample } from './figures.ts';
import { isUp, type PodObject, type WaypointWorld } from './objects.ts';
import { rejectedIn } from './rejected.ts';
import { adminPort, statsPort } from './replicas.ts';
import type { Load } from './scale.ts';
import { quietSince, toldToCount, type Pair } from './sleep/quiet.ts';
import { withWindow, type Sample } from './traffic.ts';

export interface Observed {
  load: Load;
  figures: WaypointFigures;
  traffic: WaypointTraffic | null;
  rejected: string[];
  lastActiveAt: number | null;
  /** Since when nothing at all went through; null: something did, or it is not known of each replica. */
  quietSince: number | null;
}

export interface WaypointScraper {
  /** Asks every ready replica once. What cannot be reached is not known; nothing is made up for it. */
  round(signal: AbortSignal): Promise<void>;
  of(waypoint: string): Observed | undefined;
  /** Its replicas are others from now on: whether they are quiet is not known yet. */
  forgetQuiet(waypoint: string): void;
}

const maxBytes = 8 * 1024 * 1024;
const dumpMaxBytes = 64 * 1024 * 1024;
const width = 16;
const timeoutMs = 5_000;
/** What of Envoy's config_dump says why it refused a listener or a cluster. */
const dumpPath =
  '/config_dump?mask=dynamic_listeners,dynamic_active_clusters,dynamic_warming_clusters';

/** Reads the metrics of waypoints' replicas; and the configuration of one that refused some, until it takes it. */
export function makeScraper(
  http: PodHttp,
  world: () => Pick<WaypointWorld, 'pods'>,
  nowMs: () => number,
): WaypointScraper {
  const samples = new Map<string, Sample>();
  const refused = new Map<string, string[]>();
  const observed = new Map<string, Observed>();

  const read = async (
    pod: PodObject,
    path: string,
    port: number,
    most: number,
    signal: AbortSignal,
  ) => {
    const over = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const answer = await http.get(
      {
        namespace: pod.metadata.namespace ?? '',
        pod: pod.metadata.name,
        ip: pod.status?.podIP ?? null,
        port,
        path,
        loopback: port === adminPort,
        timeoutMs,
      },
      over,
    );
    return (await readAtMost(answer, most)).toString('utf8');
  };

  const scrape = async (pod: PodObject, key: string, signal: AbortSignal) => {
    const text = await read(pod, figuresPath, statsPort, maxBytes, signal);
    const before = samples.get(key);
    const now = readSample(text, performance.now());
    samples.set(key, now);
    const hasNew = now.rejected > (before?.rejected ?? 0);
    if (hasNew || refused.has(key)) {
      const dump = await read(pod, dumpPath, adminPort, dumpMaxBytes, signal).catch(() => null);
      if (dump !== null) {
        const errors = rejectedIn(dump);
        if (errors.length > 0) refused.set(key, errors);
        else refused.delete(key);
      }
    }
    return { before, now };
  };

  return {
    of: (waypoint) => observed.get(waypoint),
    forgetQuiet: (waypoint) => {
      const known = observed.get(waypoint);
      if (known) observed.set(waypoint, { ...known, quietSince: null });
    },
    round: async (signal) => {
      const { pods } = world();
      const there = new Set<string>();
      const pairs = new Map<string, Pair[]>();
      const ready = new Map<string, number>();
      const all = [...pods].flatMap(([waypoint, list]) =>
        list.flatMap((pod) => {
          const key = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
          there.add(key);
          if (!isUp(pod)) return [];
          ready.set(waypoint, (ready.get(waypoint) ?? 0) + 1);
          return [{ waypoint, pod, key }];
        }),
      );
      await inParallel(all, width, async ({ waypoint, pod, key }) => {
        try {
          const pair = { ...(await scrape(pod, key, signal)), countsAll: toldToCount(pod) };
          const list = pairs.get(waypoint);
          if (list) list.push(pair);
          else pairs.set(waypoint, [pair]);
        } catch {
          signal.throwIfAborted();
          samples.delete(key);
        }
      });
      for (const key of samples.keys()) if (!there.has(key)) samples.delete(key);
      for (const key of refused.keys()) if (!there.has(key)) refused.delete(key);
      for (const key of observed.keys()) if (!pods.has(key)) observed.delete(key);
      const at = Math.floor(nowMs());
      for (const [waypoint, list] of pods) {
        const before = observed.get(waypoint);
        const own = pairs.get(waypoint) ?? [];
        const { load, figures, window } = between(own);
        const traffic = before?.traffic ?? null;
        const isActive = (figures.requestsPerSecond ?? 0) > 0 || (figures.activeRequests ?? 0) > 0;
        observed.set(waypoint, {
          load,
          figures: { ...figures, at: load.told > 0 ? at : null },
          traffic: window ? withWindow(traffic, window, at) : traffic,
          rejected: [
            ...new Set(
              list.flatMap(
                ({ metadata }) => refused.get(`${metadata.namespace ?? ''}/${metadata.name}`) ?? [],
              ),
            ),
          ],
          quietSince: quietSince(before?.quietSince ?? null, own, ready.get(waypoint) ?? 0, at),
          lastActiveAt: isActive ? at : (before?.lastActiveAt ?? null),
        });
      }
    },
  };
}
