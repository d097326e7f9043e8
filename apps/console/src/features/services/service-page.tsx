'use client';

import { useQuery } from '@tanstack/react-query';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Events } from './events.tsx';
import { LogTail } from './log-tail.tsx';
import { AskedRoutes } from '@/features/proxies/asked-routes.tsx';
import { HeldCertificates } from '@/features/proxies/held-certificates.tsx';
import { ProxyLines, useProxies } from './proxies.tsx';
import { SubjectPage } from './subject-page.tsx';
import { Versions } from './versions.tsx';
import { useWaypoints, Waypoints } from './waypoints.tsx';

export function ServicePage({ namespace, name }: { namespace: string; name: string }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const versions = useQuery(
    trpc.service.versions.queryOptions({ meshId: mesh.id, namespace, name }),
  );
  const own = versions.data?.items.flatMap(({ workloads }) => workloads);
  const workloads = own && [...new Set(own.map((workload) => workload.name))];
  const known = useProxies(mesh.id, namespace, workloads);
  const proxies =
    versions.error && !versions.data ? { data: undefined, error: versions.error } : known;
  const clusters = mesh.clusters.filter((cluster) =>
    (own ?? []).some((workload) => workload.cluster === cluster.name),
  );
  const used = useWaypoints({
    namespace,
    name,
    clusters: mesh.profile === 'ambient' ? clusters : [],
  }).flatMap(({ data }) => data?.subject ?? []);
  const waypoints = useQuery({
    ...trpc.proxy.list.queryOptions({ meshId: mesh.id, kind: 'waypoint', limit: 500 }),
    enabled: used.length > 0,
  }).data?.items.filter((proxy) =>
    used.some(
      ({ clusterId, waypoint }) =>
        proxy.clusterId === clusterId &&
        proxy.namespace === waypoint?.namespace &&
        proxy.workload === waypoint.name,
    ),
  );
  // What has no proxy of its own is told of by its waypoint.
  const places = proxies.data?.length === 0 && waypoints?.length ? waypoints : undefined;
  return (
    <SubjectPage
      kind="service"
      namespace={namespace}
      name={name}
      workloads={workloads}
      after={
        <>
          <div className="grid items-start gap-6 lg:grid-cols-2">
            <ProxyLines meshId={mesh.id} proxies={proxies} />
            <HeldCertificates meshId={mesh.id} places={proxies.data} />
            <Events
              meshId={mesh.id}
              error={versions.error}
              of={
                versions.data &&
                clusters.map(({ id }) => ({ clusterId: id, kind: 'Service', namespace, name }))
              }
            />
          </div>
          {proxies.data && proxies.data.length > 0 ? (
            <LogTail meshId={mesh.id} places={proxies.data} />
          ) : null}
        </>
      }
    >
      {places ? (
        <AskedRoutes meshId={mesh.id} places={places} host={`${name}.${namespace}`} />
      ) : (
        <AskedRoutes meshId={mesh.id} places={proxies.data} />
      )}
      <Versions meshId={mesh.id} namespace={namespace} name={name} />
      {mesh.profile === 'ambient' && clusters.length > 0 ? (
        <Waypoints namespace={namespace} name={name} clusters={clusters} />
      ) : null}
    </SubjectPage>
  );
}
