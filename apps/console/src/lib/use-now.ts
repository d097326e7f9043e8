import { useSyncExternalStore } from 'react';

const wakers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(wake: () => void) {
  wakers.add(wake);
  timer ??= setInterval(() => wakers.forEach((each) => each()), 1000);
  return () => {
    wakers.delete(wake);
    if (wakers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** A value that is read every second and draws its reader anew when it changed. One timer serves all. */
export function useEverySecond<T extends string | number>(read: () => T, onServer: T): T {
  return useSyncExternalStore(subscribe, read, () => onServer);
}

/** The time in whole seconds, as milliseconds since the epoch. */
export const useNow = (): number => useEverySecond(() => Math.floor(Date.now() / 1000) * 1000, 0);
