const make = (): Worker =>
  new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });

/** Begun with the page's code, so that it is there when there is something to lay out. */
let early: Worker | null = null;

export function beginLayoutWorker(): void {
  if (typeof Worker !== 'undefined') early ??= make();
}

/** A worker of the caller's own, who ends it. */
export function takeLayoutWorker(): Worker {
  const taken = early ?? make();
  early = null;
  return taken;
}
