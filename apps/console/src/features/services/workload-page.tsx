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
import { AskedRoutes } from '@/features/proxies/asked-routes.tsx';
import { HeldCertificates } from '@/features/proxies/held-certificates.tsx';
import { ProxyLines, useProxies } from './proxies.tsx';
import { reading } from './reading.ts';
import { SubjectPage } from './subject-page.tsx';

/** Pods whose events are asked for. */
const mostPods = 4;

export function WorkloadPage({ namespace, name }: { namespace: string; name: string }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const proxies = useProxies(mesh.id, namespace, [name]);
  const running = useQuery(
    trpc.mesh.workloads.queryOptions({ meshId: mesh.id, namespace, limit: 500 }),
  );
  const where = running.data?.items.filter((each) => each.name === name);
  const selecting = useQuery(
    trpc.service.list.queryOptions({ meshId: mesh.id, namespace, limit: 500 }),
  );
  const services = selecting.data?.items.filter(({ workloads }) => workloads.includes(name));
  return (
    <SubjectPage
      kind="workload"
      namespace={namespace}
      name={name}
      workloads={[name]}
      {...(services?.[0] ? { app: services[0].name } : {})}
      after={
        <>
          <div className="grid items-start gap-6 lg:grid-cols-2">
            <ProxyLines meshId={mesh.id} proxies={proxies} />
            <HeldCertificates meshId={mesh.id} places={proxies.data} />
            <Events
              meshId={mesh.id}
              error={running.error}
              of={
                where && [
                  ...where.map(({ clusterId, kind }) => ({ clusterId, kind, namespace, name })),
                  ...(proxies.data ?? []).slice(0, mostPods).map(({ clusterId, pod }) => ({
                    clusterId,
                    kind: 'Pod',
                    namespace,
                    name: pod,
                  })),
                ]
              }
            />
          </div>
          {proxies.data && proxies.data.length > 0 ? (
            <LogTail meshId={mesh.id} places={proxies.data} />
          ) : null}
        </>
      }
    >
      <AskedRoutes meshId={mesh.id} places={proxies.data} />
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Lines
          title="Where it runs"
          none={reading(running, 'No agent tells of it any more.')}
          lines={(where ?? []).map((each) => ({
            key: each.clusterId,
            href: paths.cluster(each.clusterId),
            text: `${each.kind} on ${each.clusterName}: ${each.ready} of ${count(each.pods, 'pod')} ready, ${each.mode}`,
            end: <Status status={each.ready === each.pods ? 'Ready' : 'Progressing'} quiet />,
          }))}
        />
        <Lines
          title="Services that select it"
          none={reading(selecting, 'None.')}
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
