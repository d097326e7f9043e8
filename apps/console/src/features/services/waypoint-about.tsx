'use client';

import { useQuery } from '@tanstack/react-query';
import { AskedRoutes } from '@/features/proxies/asked-routes.tsx';
import { HeldCertificates } from '@/features/proxies/held-certificates.tsx';
import { LatestTraces } from '@/features/traces/latest-traces.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Events } from './events.tsx';
import { alertLine, changeLine, findingLine } from './line-of.tsx';
import { Lines } from './lines.tsx';
import { LogTail } from './log-tail.tsx';
import { reading } from './reading.ts';

const mostChanges = 8;

interface Props {
  meshId: string;
  clusterId: string;
  namespace: string;
  name: string;
  /** Services that use it, as `namespace/name`. */
  services: readonly string[];
  /** Routes and policies that it carries out, as `Kind namespace/name`. */
  bound: readonly string[];
}

/** What belongs to a waypoint: failing routes, alerts, findings, certificates, traces, what changed, events and logs. */
export function WaypointAbout({ meshId, clusterId, namespace, name, services, bound }: Props) {
  const trpc = useTRPC();
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
  const places = proxies.data?.items;
  const alerts = useQuery(trpc.alert.list.queryOptions({ meshId, state: 'active', limit: 200 }));
  const findings = useQuery(trpc.finding.list.queryOptions({ meshId, limit: 500 }));
  const changes = useQuery(trpc.mesh.changes.queryOptions({ meshId, namespace, limit: 100 }));
  const own = `${namespace}/${name}`;
  const about = new Set([own, ...services]);
  const carried = new Set(bound);
  return (
    <>
      <AskedRoutes meshId={meshId} places={places} />
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Lines
          title="Alerts"
          none={reading(alerts, 'None is active of it, or of what uses it.')}
          lines={(alerts.data?.items ?? [])
            .filter(({ labels }) => about.has(`${labels['namespace']}/${labels['name']}`))
            .map(alertLine)}
        />
        <Lines
          title="Findings"
          none={reading(findings, 'None of it, of what uses it, or of what it carries out.')}
          lines={(findings.data?.items ?? [])
            .filter(
              ({ resource }) =>
                carried.has(resource) || about.has(resource.slice(resource.indexOf(' ') + 1)),
            )
            .map(findingLine)}
        />
        <HeldCertificates meshId={meshId} places={places} />
        <LatestTraces meshId={meshId} namespace={namespace} name={name} />
        <Lines
          title="What changed in a day"
          none={reading(changes, 'Nothing that is known of.')}
          lines={(changes.data?.items ?? [])
            .filter(({ title }) => title.split(/[\s:,]+/).includes(own))
            .slice(0, mostChanges)
            .map(changeLine)}
        />
        <Events
          meshId={meshId}
          of={[
            { clusterId, kind: 'Gateway', namespace, name },
            { clusterId, kind: 'Deployment', namespace, name },
          ]}
        />
      </div>
      {places && places.length > 0 ? <LogTail meshId={meshId} places={places} /> : null}
    </>
  );
}
