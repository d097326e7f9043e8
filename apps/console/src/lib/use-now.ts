import { useSyncExternalStore } from 'react';

const listeners = new Map<number, { stop: () => void; wake: Set<() => void> }>();

/** The time, rounded down to `tickMs`, renewed every `tickMs`; one timer is shared by all who ask. */
export function useNow(tickMs = 1000): number {
  return useSyncExternalStore(
    (wake) => {
      let entry = listeners.get(tickMs);
      if (!entry) {
        const set = new Set<() => void>();
        const timer = setInterval(() => set.forEach((each) => each()), tickMs);
        entry = { stop: () => clearInterval(timer), wake: set };
        listeners.set(tickMs, entry);
      }
      entry.wake.add(wake);
      return () => {
        entry.wake.delete(wake);
        if (entry.wake.size === 0) {
          entry.stop();
          listeners.delete(tickMs);
        }
      };
    },
    () => Math.floor(Date.now() / tickMs) * tickMs,
    () => 0,
  );
}
