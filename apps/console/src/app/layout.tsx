import type { Metadata, Viewport } from 'next';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import type { ReactNode } from 'react';
import { Providers } from '@/features/shell/providers.tsx';
import { earlyScript } from '@/lib/early-script.ts';
import { themeScript } from '@/lib/theme.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Ambit', template: '%s · Ambit' },
  description: 'Istio meshes across Kubernetes clusters: created, upgraded and shown.',
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        <script type="module" async dangerouslySetInnerHTML={{ __html: earlyScript }} />
        <script dangerouslySetInnerHTML={{ __html: themeScript }} />
      </head>
      <body>
        <NuqsAdapter>
          <Providers>{children}</Providers>
        </NuqsAdapter>
      </body>
    </html>
  );
}
