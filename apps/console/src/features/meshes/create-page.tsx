'use client';

import { lazy, Suspense } from 'react';
import { PageHeader } from '@/ui/page.tsx';
import { Skeleton } from '@/ui/states.tsx';

const CreateForm = lazy(() => import('./create-form.tsx').then((m) => ({ default: m.CreateMesh })));

export function CreatePage() {
  return (
    <>
      <PageHeader
        title="Create a mesh"
        lead="Installs Istio’s control plane into the clusters. Workloads are enrolled afterwards, namespace by namespace."
      />
      <Suspense fallback={<Skeleton lines={8} />}>
        <CreateForm />
      </Suspense>
    </>
  );
}
