'use client';

import { useQuery } from '@tanstack/react-query';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Status } from '@/ui/status.tsx';
import { Events } from './events.tsx';
import { Lines } from './lines.tsx';
import { LogTail } from './log-tail.tsx';
import { Proxies, useProxies } from './proxies.tsx';
import { SubjectPage } from './subject-page.tsx';

export function WorkloadPage({ namespace, name }: { namespace: string; name: string }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const proxies = useProxies(mesh.id, namespace, [name]);
  const where = useQuery(
    trpc.mesh.workloads.queryOptions({ meshId: mesh.id, namespace, limit: 500 }),
  ).data?.items.filter((each) => each.name === name);
  const services = useQuery(
    trpc.service.list.queryOptions({ meshId: mesh.id, namespace, limit: 500 }),
  ).data?.items.filter(({ workloads }) => workloads.includes(name));
  return (
    <SubjectPage
      kind="workload"
      namespace={namespace}
      name={name}
      {...(services?.[0] ? { app: services[0].name } : {})}
      after={
        <>
          <div className="grid items-start gap-6 lg:grid-cols-2">
            <Proxies meshId={mesh.id} proxies={proxies} />
            <Events
              meshId={mesh.id}
              of={where?.map(({ clusterId, kind }) => ({
                clusterId,
                kind,
                namespace,
                name,
              }))}
            />
          </div>
          {proxies && proxies.length > 0 ? <LogTail meshId={mesh.id} places={proxies} /> : null}
        </>
      }
    >
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Lines
          title="Where it runs"
          none={where ? 'No agent tells of it any more.' : 'Reading it…'}
          lines={(where ?? []).map((each) => ({
            key: each.clusterId,
            href: paths.cluster(each.clusterId),
            text: `${each.kind} on ${each.clusterName}: ${each.ready} of ${count(each.pods, 'pod')} ready, ${each.mode}`,
            end: <Status status={each.ready === each.pods ? 'Ready' : 'Progressing'} quiet />,
          }))}
        />
        <Lines
          title="Services that select it"
          none={services ? 'None.' : 'Reading them…'}
          lines={(services ?? []).map((each) => ({
            key: each.name,
            href: paths.service(mesh.id, each.namespace, each.name),
            text: each.name,
          }))}
        />
      </div>
    </SubjectPage>
  );
}
