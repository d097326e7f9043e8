/** How the link keeps a cluster, or all of them together, from flooding the platform. */
export interface Pace {
  /** @returns how long to wait, in milliseconds, when this cluster sent too much; else 0 */
  refusedForMs(clusterId: string): number;
  /** Runs `work`; tells how far apart reports should be now, when the process is busy. */
  counted<T>(work: () => Promise<T>): Promise<{ result: T; slowMs: number | undefined }>;
}

const windowMs = 5_000;
const perWindow = 25;
const busyAt = 32;

/** @param nowMs a monotonic clock */
export function makePace(nowMs: () => number = () => performance.now()): Pace {
  const windows = new Map<string, { since: number; count: number }>();
  let running = 0;
  let swept = 0;
  return {
    refusedForMs: (clusterId) => {
      const now = nowMs();
      if (now - swept > 12 * windowMs) {
        swept = now;
        for (const [id, { since }] of windows) if (now - since > windowMs) windows.delete(id);
      }
      const window = windows.get(clusterId);
      if (!window || now - window.since >= windowMs) {
        windows.set(clusterId, { since: now, count: 1 });
        return 0;
      }
      window.count += 1;
      return window.count > perWindow ? windowMs - (now - window.since) : 0;
    },
    counted: async (work) => {
      running += 1;
      const slowMs = running > busyAt ? Math.min(30_000, running * 100) : undefined;
      try {
        return { result: await work(), slowMs };
      } finally {
        running -= 1;
      }
    },
  };
}
