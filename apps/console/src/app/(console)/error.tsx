'use client';

import { ErrorState } from '@/ui/states.tsx';

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return <ErrorState error={error} what="this page" onRetry={reset} />;
}
