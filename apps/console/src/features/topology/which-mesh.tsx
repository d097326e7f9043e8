'use client';

import { useQuery } from '@tanstack/react-query';
import { Waypoints } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { ButtonLink } from '@/ui/button.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { Empty, ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';

/** The graph of the only mesh, or the choice among several. */
export function WhichMesh() {
  const trpc = useTRPC();
  const router = useRouter();
  const query = useQuery(trpc.mesh.list.queryOptions({ limit: 200 }));
  const meshes = query.data?.items;
  const only = meshes?.length === 1 ? meshes[0]!.id : null;
  useEffect(() => {
    if (only) router.replace(paths.meshTopology(only));
  }, [only, router]);
  if (query.error && !meshes)
    return (
      <ErrorState error={query.error} what="the meshes" onRetry={() => void query.refetch()} />
    );
  if (!meshes || only) return <Skeleton lines={6} />;
  return (
    <>
      <PageHeader title="Topology" lead="A graph belongs to a mesh: choose one." />
      <div className="card">
        {meshes.length === 0 ? (
          <Empty
            icon={<Waypoints size={18} aria-hidden="true" />}
            title="No mesh yet"
            action={
              <ButtonLink href={paths.meshCreate()} variant="primary">
                Make a mesh
              </ButtonLink>
            }
          >
            The graph shows who talks to whom in a mesh. It comes with the first one.
          </Empty>
        ) : (
          <ul className="divide-y divide-line">
            {meshes.map((mesh) => (
              <li key={mesh.id}>
                <Link
                  href={paths.meshTopology(mesh.id)}
                  className="flex items-center justify-between gap-4 px-3 py-2 hover:bg-hover"
                >
                  <span className="font-medium">{mesh.name}</span>
                  <Status status={mesh.status} quiet />
                </Link>
              </li>
            ))}
          </ul>
        )}
      </div>
    </>
  );
}
