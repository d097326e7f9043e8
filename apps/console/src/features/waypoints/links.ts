import { paths } from '../../lib/paths.ts';

interface MeshOf {
  id: string;
  clusters: readonly { id: string; name: string }[];
}

/** Page of a waypoint whose cluster is known by name only; the list of waypoints when the mesh has no such cluster. */
export function waypointHref(
  mesh: MeshOf,
  waypoint: { cluster: string; namespace: string; name: string },
): string {
  const { cluster, namespace, name } = waypoint;
  const found = mesh.clusters.find((each) => each.name === cluster);
  return found ? paths.waypoint(mesh.id, found.id, namespace, name) : paths.meshWaypoints(mesh.id);
}

interface Used {
  clusterId: string;
  clusterName: string;
  waypoint: { namespace: string; name: string; ready: boolean; why: string } | null;
}

export interface WaypointLine {
  key: string;
  href: string;
  text: string;
  /** Word of the status vocabulary. */
  status: string;
}

/** The waypoints that something uses, a line for each cluster in which it uses one, and why one does not serve. */
export function waypointLines(meshId: string, subjects: readonly Used[]): WaypointLine[] {
  return subjects.flatMap(({ clusterId, clusterName, waypoint }) => {
    if (!waypoint) return [];
    const { namespace, name, ready, why } = waypoint;
    return [
      {
        key: clusterId,
        href: paths.waypoint(meshId, clusterId, namespace, name),
        text: `${namespace}/${name} in ${clusterName}${ready || why === '' ? '' : `: ${why}`}`,
        status: ready ? 'Ready' : 'Degraded',
      },
    ];
  });
}
