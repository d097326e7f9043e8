'use client';

import { Tooltip } from '@base-ui/react/tooltip';
import { QueryClientProvider } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { type ReactNode, useEffect, useState } from 'react';
import { applyTheme } from '@/lib/theme.ts';
import { makeQueryClient, makeTrpcClient, TRPCProvider } from '@/lib/trpc.tsx';

const Toaster = dynamic(() => import('./toaster.tsx').then((m) => m.Toaster), { ssr: false });

export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [trpcClient] = useState(makeTrpcClient);
  useEffect(() => {
    const media = window.matchMedia('(prefers-color-scheme: dark)');
    media.addEventListener('change', applyTheme);
    return () => media.removeEventListener('change', applyTheme);
  }, []);
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        <Tooltip.Provider delay={350}>
          {children}
          <Toaster />
        </Tooltip.Provider>
      </TRPCProvider>
    </QueryClientProvider>
  );
}
