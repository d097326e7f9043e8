'use client';

import { lazy, Suspense } from 'react';
import { beginLayoutWorker } from './layout-worker.ts';

const load = () => import('./topology-view.tsx').then((m) => ({ default: m.TopologyView }));
/** On its way while the frame around the page still asks for the mesh; what fails then is asked again when it is shown. */
const early = typeof window === 'undefined' ? null : load().catch(() => null);
if (typeof window !== 'undefined') beginLayoutWorker();
const View = lazy(async () => (await early) ?? load());

/** The graph; its code is loaded with the page and nowhere else. */
export function TopologyPage() {
  return (
    <Suspense
      fallback={
        <div
          role="status"
          aria-label="Loading the graph"
          className="card h-[max(420px,calc(100dvh-350px))]"
        />
      }
    >
      <View />
    </Suspense>
  );
}
