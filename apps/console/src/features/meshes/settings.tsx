'use client';

import { lazy, Suspense } from 'react';
import { Skeleton } from '@/ui/states.tsx';
import { DeleteSection } from './delete-section.tsx';
import { UpgradeSection } from './upgrade-section.tsx';

const OptionsSection = lazy(() =>
  import('./options-section.tsx').then((m) => ({ default: m.OptionsSection })),
);

export function MeshSettings() {
  return (
    <div className="flex flex-col gap-8">
      <Suspense fallback={<Skeleton lines={8} />}>
        <OptionsSection />
      </Suspense>
      <UpgradeSection />
      <DeleteSection />
    </div>
  );
}
