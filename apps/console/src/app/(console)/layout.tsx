import { type ReactNode, Suspense } from 'react';
import { Shell } from '@/features/shell/shell.tsx';

export default function ConsoleLayout({ children }: { children: ReactNode }) {
  return (
    <Suspense>
      <Shell>{children}</Shell>
    </Suspense>
  );
}
