'use client';

import { lazy, Suspense } from 'react';

const View = lazy(() => import('./topology-view.tsx').then((m) => ({ default: m.TopologyView })));

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
