'use client';

import { useQuery } from '@tanstack/react-query';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Events } from './events.tsx';
import { LogTail } from './log-tail.tsx';
import { Proxies, useProxies } from './proxies.tsx';
import { SubjectPage } from './subject-page.tsx';
import { Versions } from './versions.tsx';
import { Waypoints } from './waypoints.tsx';

export function ServicePage({ namespace, name }: { namespace: string; name: string }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const versions = useQuery(
    trpc.service.versions.queryOptions({ meshId: mesh.id, namespace, name }),
  ).data?.items;
  const own = (versions ?? []).flatMap(({ workloads }) => workloads);
  const workloads = [...new Set(own.map((workload) => workload.name))];
  const proxies = useProxies(mesh.id, namespace, workloads);
  const clusters = mesh.clusters.filter((cluster) =>
    own.some((workload) => workload.cluster === cluster.name),
  );
  return (
    <SubjectPage
      kind="service"
      namespace={namespace}
      name={name}
      after={
        <>
          <div className="grid items-start gap-6 lg:grid-cols-2">
            <Proxies meshId={mesh.id} proxies={versions && workloads.length === 0 ? [] : proxies} />
            <Events
              meshId={mesh.id}
              of={
                versions &&
                clusters.map(({ id }) => ({ clusterId: id, kind: 'Service', namespace, name }))
              }
            />
          </div>
          {proxies && proxies.length > 0 ? <LogTail meshId={mesh.id} places={proxies} /> : null}
        </>
      }
    >
      <Versions meshId={mesh.id} namespace={namespace} name={name} />
      {mesh.profile === 'ambient' && clusters.length > 0 ? (
        <Waypoints namespace={namespace} name={name} clusters={clusters} />
      ) : null}
    </SubjectPage>
  );
}
