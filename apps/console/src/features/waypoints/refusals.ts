import type { Mesh } from '@/features/meshes/mesh-layout.tsx';

/** Why a mesh can have no waypoints; undefined when it can. */
export const cannotHaveWaypoints = ({ profile }: Pick<Mesh, 'profile'>): string | undefined =>
  profile === 'ambient'
    ? undefined
    : 'Waypoints are part of ambient, and this is a mesh of sidecars. Make a mesh with the ambient profile.';

/** Why a waypoint cannot be changed from here; undefined when it can. */
export const othersOwn = ({ policyId }: { policyId: string | null }): string | undefined =>
  policyId === null
    ? 'It was applied in the cluster by others, so it is changed there. Adopt its Gateway under Policies, and it can be changed here.'
    : undefined;
