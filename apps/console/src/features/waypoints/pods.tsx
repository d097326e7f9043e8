'use client';

import { useQuery } from '@tanstack/react-query';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Status } from '@/ui/status.tsx';
import { Lines } from './lines.tsx';
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
  ).data;
  return (
    <Lines
      title="Pods"
      none={
        proxies?.clusters.find((one) => one.clusterId === clusterId)?.note ||
        'No agent tells of pods of it.'
      }
      lines={(proxies?.items ?? []).map((proxy) => ({
        key: proxy.pod,
        href: paths.proxy(meshId, clusterId, proxy.namespace, proxy.pod),
        text: `${proxy.pod} on ${proxy.node}${proxy.version ? `, Istio ${proxy.version}` : ''}${
          proxy.syncError ? `: ${proxy.syncError}` : proxy.problem ? `: ${proxy.problem}` : ''
        }`,
        end: (
          <Status
            status={!proxy.ready ? 'Progressing' : proxy.inSync === false ? 'Degraded' : 'Ready'}
            quiet
          />
        ),
      }))}
    />
  );
}
