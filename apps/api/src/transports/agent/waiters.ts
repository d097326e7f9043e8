import type { Notifications } from '../../platform/notifications.ts';

export interface Waiters {
  /**
   * Resolves when the desired state of the cluster may have changed, after `timeoutMs`, when the caller went away, or
   * when the process begins to stop. Begin to wait before looking, so that nothing is missed in between.
   */
  wait(clusterId: string, timeoutMs: number, signal: AbortSignal): Promise<'woken' | 'over'>;
  count(): number;
}

/** Agents that wait for a newer desired state: a timer and an entry in a map each, one LISTEN for all. */
export function desiredWaiters(
  notifications: Pick<Notifications, 'on'>,
  stopping: AbortSignal,
): Waiters {
  const waiting = new Map<string, Set<() => void>>();
  notifications.on('ambit_desired', (clusterId) => {
    const woken = clusterId === null ? [...waiting.values()] : [waiting.get(clusterId) ?? []];
    for (const set of woken) for (const wake of set) wake();
  });
  const endAll = new Set<() => void>();
  stopping.addEventListener('abort', () => {
    for (const end of endAll) end();
  });
  return {
    count: () => endAll.size,
    wait: (clusterId, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (stopping.aborted || signal.aborted || timeoutMs <= 0) return resolve('over');
        const set = waiting.get(clusterId) ?? new Set();
        waiting.set(clusterId, set);
        const finish = (outcome: 'woken' | 'over') => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          endAll.delete(end);
          set.delete(wake);
          if (set.size === 0 && waiting.get(clusterId) === set) waiting.delete(clusterId);
          resolve(outcome);
        };
        const wake = () => finish('woken');
        const end = () => finish('over');
        const timer = setTimeout(end, timeoutMs);
        signal.addEventListener('abort', end);
        endAll.add(end);
        set.add(wake);
      }),
  };
}
