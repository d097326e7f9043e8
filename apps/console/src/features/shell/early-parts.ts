import { beginLayoutWorker } from '@/features/topology/layout-worker.ts';

/**
 * Has the parts of a page that are known from its address on their way while the frame is still being made: they would
 * be asked for only when it is.
 */
export function beginParts(path: string): void {
  if (!/^\/meshes\/[^/]+\/topology\/?$/.test(path)) return;
  beginLayoutWorker();
  // What fails here is asked for again when it is shown.
  import('@/features/topology/topology-view.tsx').catch(() => null);
}
