'use client';

import dynamic from 'next/dynamic';

const loading = () => (
  <div className="skeleton m-3 h-40" role="status" aria-label="Loading editor" />
);

/** The editor, loaded when first shown. */
export const YamlEditor = dynamic(
  () => import('./yaml-editor-impl.tsx').then((m) => m.YamlEditor),
  {
    ssr: false,
    loading,
  },
);

export const YamlDiff = dynamic(() => import('./yaml-diff-impl.tsx').then((m) => m.YamlDiff), {
  ssr: false,
  loading,
});

export const YamlSides = dynamic(() => import('./yaml-sides-impl.tsx').then((m) => m.YamlSides), {
  ssr: false,
  loading,
});
