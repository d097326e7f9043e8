'use client';

import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { ViewLinks } from '@/ui/view-links.tsx';

/** What there is to see of waypoints: each of them, and the pools they are of. */
export function WaypointViews() {
  const mesh = useMesh();
  return (
    <ViewLinks
      label="Waypoints"
      views={[
        [paths.meshWaypoints(mesh.id), 'Waypoints'],
        [paths.meshWaypointPools(mesh.id), 'Pools'],
      ]}
    />
  );
}
