'use client';

import { paths } from '@/lib/paths.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { Note } from '@/ui/states.tsx';
import type { Mesh } from './mesh-layout.tsx';

/** What to do with a mesh that is Ready and not used yet. */
export function NextStep({ mesh }: { mesh: Mesh }) {
  if (mesh.status !== 'Ready' || mesh.operation) return null;
  if (mesh.workloads.enrolled === 0)
    return (
      <Note
        title="Nothing is enrolled yet"
        action={<ButtonLink href={paths.meshWorkloads(mesh.id)}>Enrol a namespace</ButtonLink>}
      >
        The control plane is up. Traffic is touched only in namespaces that you enrol.
      </Note>
    );
  if (mesh.policies === 0)
    return (
      <Note
        title="No policy yet"
        action={<ButtonLink href={paths.policyCreate(mesh.id)}>Write a policy</ButtonLink>}
      >
        Workloads are in the mesh. Route, secure or test their traffic with Istio and Gateway API
        resources.
      </Note>
    );
  return null;
}
