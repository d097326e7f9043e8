'use client';

import { useQuery } from '@tanstack/react-query';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Status } from '@/ui/status.tsx';
import { Lines } from './lines.tsx';

export type Proxy = Outputs['proxy']['list']['items'][number];

/** Proxies of some workloads of a namespace; undefined while they are read. */
export function useProxies(
  meshId: string,
  namespace: string,
  workloads: readonly string[],
): Proxy[] | undefined {
  const trpc = useTRPC();
  const [only] = workloads;
  const { data } = useQuery({
    ...trpc.proxy.list.queryOptions({
      meshId,
      namespace,
      limit: 500,
      ...(workloads.length === 1 && only ? { workload: only } : {}),
    }),
    enabled: workloads.length > 0,
  });
  return data?.items.filter(({ workload }) => workloads.includes(workload));
}

/** Each proxy with its version and whether it runs what istiod wants it to. */
export function Proxies({ meshId, proxies }: { meshId: string; proxies: Proxy[] | undefined }) {
  return (
    <Lines
      title="Proxies"
      none={
        proxies
          ? 'No agent tells of proxies of it. In an ambient mesh ztunnel of its node carries its traffic.'
          : 'Reading them…'
      }
      lines={(proxies ?? []).map((proxy) => ({
        key: `${proxy.clusterId}/${proxy.pod}`,
        href: paths.proxy(meshId, proxy.clusterId, proxy.namespace, proxy.pod),
        text: `${proxy.pod} (${proxy.kind}${proxy.version ? ` ${proxy.version}` : ''}) on ${proxy.clusterName}${proxy.syncError ? `: ${proxy.syncError}` : ''}`,
        end: (
          <Status
            status={proxy.inSync === null ? 'Unknown' : proxy.inSync ? 'Ready' : 'Progressing'}
            quiet
          />
        ),
      }))}
    />
  );
}
