'use client';

import { useQuery } from '@tanstack/react-query';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Status } from '@/ui/status.tsx';
import { Lines, SubjectPage } from './subject-page.tsx';

export function WorkloadPage({ namespace, name }: { namespace: string; name: string }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const proxies = useQuery(
    trpc.proxy.list.queryOptions({ meshId: mesh.id, namespace, workload: name, limit: 100 }),
  ).data?.items;
  return (
    <SubjectPage kind="workload" namespace={namespace} name={name}>
      <Lines
        title="Proxies"
        none="No agent tells of proxies of it."
        lines={(proxies ?? []).map((proxy) => ({
          key: `${proxy.clusterId}/${proxy.pod}`,
          href: paths.proxy(mesh.id, proxy.clusterId, proxy.namespace, proxy.pod),
          text: `${proxy.pod} (${proxy.kind}${proxy.version ? ` ${proxy.version}` : ''}) on ${proxy.clusterName}${proxy.syncError ? `: ${proxy.syncError}` : ''}`,
          end: (
            <Status
              status={proxy.inSync === null ? 'Unknown' : proxy.inSync ? 'Ready' : 'Progressing'}
              quiet
            />
          ),
        }))}
      />
    </SubjectPage>
  );
}
