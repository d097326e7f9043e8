'use client';

import { lazy, Suspense } from 'react';
import { Skeleton } from '@/ui/states.tsx';
import { DeleteSection } from './delete-section.tsx';
import { UpgradeSection } from './upgrade-section.tsx';

const OptionsSection = lazy(() =>
  import('./options-section.tsx').then((m) => ({ default: m.OptionsSection })),
);

const RuleSettings = lazy(() =>
  import('@/features/findings/rule-settings.tsx').then((m) => ({ default: m.RuleSettings })),
);

export function MeshSettings() {
  return (
    <div className="flex flex-col gap-8">
      <Suspense fallback={<Skeleton lines={8} />}>
        <OptionsSection />
      </Suspense>
      <Suspense fallback={<Skeleton lines={6} />}>
        <RuleSettings />
      </Suspense>
      <UpgradeSection />
      <DeleteSection />
    </div>
  );
}
