'use client';

import { useQuery } from '@tanstack/react-query';
import { proxyStatus, proxyTrouble } from '@/features/proxies/words.ts';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Status } from '@/ui/status.tsx';
import { Lines } from './lines.tsx';
import { reading } from './reading.ts';

type Proxy = Outputs['proxy']['list']['items'][number];

export interface Proxies {
  /** Undefined while they are read. */
  data: Proxy[] | undefined;
  error: unknown;
}

/** Proxies of some workloads of a namespace. @param workloads undefined while they are not known */
export function useProxies(
  meshId: string,
  namespace: string,
  workloads: readonly string[] | undefined,
): Proxies {
  const trpc = useTRPC();
  const [only] = workloads ?? [];
  const { data, error } = useQuery({
    ...trpc.proxy.list.queryOptions({
      meshId,
      namespace,
      limit: 500,
      ...(workloads?.length === 1 && only ? { workload: only } : {}),
    }),
    enabled: only !== undefined,
  });
  if (workloads && only === undefined) return { data: [], error: null };
  return { data: data?.items.filter(({ workload }) => workloads?.includes(workload)), error };
}

/** Each proxy with its version and whether it runs what istiod wants it to. */
export function ProxyLines({ meshId, proxies }: { meshId: string; proxies: Proxies }) {
  return (
    <Lines
      title="Proxies"
      none={reading(
        proxies,
        'No agent tells of proxies of it. In an ambient mesh ztunnel of its node carries its traffic.',
      )}
      lines={(proxies.data ?? []).map((proxy) => {
        const trouble = proxyTrouble(proxy);
        return {
          key: `${proxy.clusterId}/${proxy.pod}`,
          href: paths.proxy(meshId, proxy.clusterId, proxy.namespace, proxy.pod),
          text: `${proxy.pod} (${proxy.kind}${proxy.version ? ` ${proxy.version}` : ''}) on ${proxy.clusterName}${trouble ? `: ${trouble}` : ''}`,
          end: <Status status={proxyStatus(proxy)} quiet />,
        };
      })}
    />
  );
}
