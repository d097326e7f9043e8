'use client';

import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { ViewLinks } from '@/ui/view-links.tsx';

/** What there is to see of enrolment: who is in, what a pair gets, what guards L7 policies. */
export function EnrolmentViews() {
  const mesh = useMesh();
  return (
    <ViewLinks
      label="Enrolment"
      views={[
        [paths.meshEnrolment(mesh.id), 'Who is in'],
        [paths.meshPath(mesh.id), 'Pairs and paths'],
        [paths.meshGuard(mesh.id), 'Guard'],
        [paths.meshL4(mesh.id), 'L4 by namespace'],
        ...(mesh.profile === 'ambient'
          ? [[paths.meshAmbientNodes(mesh.id), 'Nodes'] as const]
          : []),
      ]}
    />
  );
}
