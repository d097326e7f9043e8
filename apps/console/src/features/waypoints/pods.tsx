'use client';

import { useQuery } from '@tanstack/react-query';
import { paths } from '@/lib/paths.ts';
import { proxyStatus, proxyTrouble } from '@/features/proxies/words.ts';
import { Lines } from '@/features/services/lines.tsx';
import { reading } from '@/features/services/reading.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Status } from '@/ui/status.tsx';
import type { WaypointDetail } from './words.ts';

/** The pods of a waypoint, each with its proxy's page: configuration, log, comparison. */
export function Pods({ meshId, waypoint }: { meshId: string; waypoint: WaypointDetail }) {
  const trpc = useTRPC();
  const { clusterId, namespace, name } = waypoint;
  const proxies = useQuery(
    trpc.proxy.list.queryOptions({
      meshId,
      clusterId,
      namespace,
      workload: name,
      kind: 'waypoint',
      limit: 500,
    }),
  );
  return (
    <Lines
      title="Pods"
      none={reading(
        proxies,
        proxies.data?.clusters.find((one) => one.clusterId === clusterId)?.note ||
          'No agent tells of pods of it.',
      )}
      lines={(proxies.data?.items ?? []).map((proxy) => {
        const trouble = proxyTrouble(proxy);
        return {
          key: proxy.pod,
          href: paths.proxy(meshId, clusterId, proxy.namespace, proxy.pod),
          text: `${proxy.pod} on ${proxy.node}${proxy.version ? `, Istio ${proxy.version}` : ''}${trouble ? `: ${trouble}` : ''}`,
          end: <Status status={proxyStatus(proxy)} quiet />,
        };
      })}
    />
  );
}
