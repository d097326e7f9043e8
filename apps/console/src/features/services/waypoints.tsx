'use client';

import { useQueries } from '@tanstack/react-query';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { waypointLines } from '@/features/waypoints/links.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Lines } from './lines.tsx';

interface Props {
  namespace: string;
  name: string;
  /** Where the service is. */
  clusters: readonly { id: string }[];
}

/** How a service takes part in each of its clusters, and the waypoint that it uses there. */
export function useWaypoints({ namespace, name, clusters }: Props) {
  const mesh = useMesh();
  const trpc = useTRPC();
  return useQueries({
    queries: clusters.map(({ id: clusterId }) =>
      trpc.enrolment.get.queryOptions({
        meshId: mesh.id,
        clusterId,
        level: 'service',
        namespace,
        name,
      }),
    ),
  });
}

/** The waypoint that a service uses in each of its clusters, as its labels say, and whether it serves. */
export function Waypoints({ namespace, name, clusters }: Props) {
  const mesh = useMesh();
  const told = useWaypoints({ namespace, name, clusters });
  const failed = told.find(({ error, data }) => error && !data);
  if (failed?.error) return <ErrorNote error={failed.error} />;
  const isTold = told.every(({ data }) => data);
  return (
    <Lines
      title="Waypoint"
      none={isTold ? 'It uses none.' : 'Reading it…'}
      lines={waypointLines(
        mesh.id,
        told.flatMap(({ data }) => data?.subject ?? []),
      ).map(({ status, ...line }) => ({ ...line, end: <Status status={status} quiet /> }))}
    />
  );
}
