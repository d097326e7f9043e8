'use client';

import { useQuery } from '@tanstack/react-query';
import { AskedRoutes } from '@/features/proxies/asked-routes.tsx';
import { proxyStatus, proxyTrouble } from '@/features/proxies/words.ts';
import { Events, type EventSubject } from '@/features/services/events.tsx';
import { healthStatus } from '@/features/services/health.ts';
import { alertLine, changeLine, findingLine } from '@/features/services/line-of.tsx';
import { Lines } from '@/features/services/lines.tsx';
import { LogTail } from '@/features/services/log-tail.tsx';
import { reading } from '@/features/services/reading.ts';
import { count, shareText } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { Status } from '@/ui/status.tsx';

interface Props {
  meshId: string;
  cluster: { id: string; name: string; nodes: readonly { name: string; ready: boolean }[] };
  /** Workloads of the control plane; undefined while they are not known. */
  controlPlane: readonly { kind: string; namespace: string; name: string }[] | undefined;
}

const mostLines = 8;
const rank = { gateway: 0, waypoint: 1, sidecar: 2, ztunnel: 3 };

/** What belongs to a cluster of a mesh: its proxies, alerts, findings, what changed, events and logs. */
export function ClusterAbout({ meshId, cluster, controlPlane }: Props) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const clusterId = cluster.id;
  const proxies = useAll(['proxy', 'list'], { meshId, clusterId }, (page) =>
    client.proxy.list.query(page),
  );
  const alerts = useQuery(trpc.alert.list.queryOptions({ meshId, state: 'active', limit: 200 }));
  const findings = useQuery(trpc.finding.list.queryOptions({ meshId, limit: 100 }));
  const changes = useQuery(trpc.mesh.changes.queryOptions({ meshId, limit: mostLines }));
  const items = proxies.data?.items;
  const troubled = (items ?? []).filter((proxy) => proxyTrouble(proxy) !== '');
  const here = (alerts.data?.items ?? []).filter(({ labels }) =>
    (labels['cluster'] ?? '').split(',').some((name) => name === '' || name === cluster.name),
  );
  const unready = cluster.nodes.filter(({ ready }) => !ready).slice(0, 3);
  const subjects: EventSubject[] | undefined = controlPlane && [
    ...unready.map(({ name }) => ({ clusterId, kind: 'Node', namespace: '', name })),
    ...controlPlane
      .slice(0, 3)
      .map(({ kind, namespace, name }) => ({ clusterId, kind, namespace, name })),
  ];
  const failing = useQuery(
    trpc.service.list.queryOptions({ meshId, health: 'unwell', limit: 100 }),
  );
  const unwell = (failing.data?.items ?? []).filter(({ clusters }) =>
    clusters.includes(cluster.name),
  );
  // What others come in by stands first: its log tells of most.
  const logged = items?.toSorted((a, b) => rank[a.kind] - rank[b.kind]);
  return (
    <>
      <AskedRoutes meshId={meshId} places={logged?.filter(({ kind }) => kind !== 'ztunnel')} />
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Lines
          title="Proxies"
          text={
            items
              ? `${count(items.length, 'proxy', 'proxies')}; ${items.filter(({ inSync }) => inSync).length} in sync with istiod.`
              : undefined
          }
          actions={
            <ButtonLink size="sm" href={paths.meshProxies(meshId)}>
              All proxies
            </ButtonLink>
          }
          none={
            items && items.length === 0
              ? proxies.data?.first.clusters.find((each) => each.clusterId === clusterId)?.note ||
                'No agent tells of proxies in it.'
              : reading(proxies, 'None is in trouble.')
          }
          lines={troubled.slice(0, mostLines).map((proxy) => ({
            key: `${proxy.namespace}/${proxy.pod}`,
            href: paths.proxy(meshId, clusterId, proxy.namespace, proxy.pod),
            text: `${proxy.namespace}/${proxy.pod}: ${proxyTrouble(proxy)}`,
            end: <Status status={proxyStatus(proxy)} quiet />,
          }))}
          after={
            troubled.length > mostLines
              ? `and ${troubled.length - mostLines} more in trouble`
              : undefined
          }
        />
        <Lines
          title="Services that are unwell"
          none={reading(failing, 'None.')}
          lines={unwell.slice(0, mostLines).map((each) => ({
            key: `${each.namespace}/${each.name}`,
            href: `${paths.service(meshId, each.namespace, each.name)}?cluster=${encodeURIComponent(cluster.name)}`,
            text: `${each.namespace}/${each.name}: ${shareText(each.errorShare)} fail`,
            end: <Status status={healthStatus(each.health)} quiet />,
          }))}
          after={unwell.length > mostLines ? `and ${unwell.length - mostLines} more` : undefined}
        />
        <Lines
          title="Alerts"
          none={reading(alerts, 'None is active.')}
          lines={here.slice(0, mostLines).map(alertLine)}
          after={here.length > mostLines ? `and ${here.length - mostLines} more` : undefined}
        />
        <Lines
          title="Findings"
          text="Of the mesh: what is written holds in all of its clusters."
          none={reading(findings, 'None.')}
          lines={(findings.data?.items ?? []).slice(0, mostLines).map(findingLine)}
          after={
            (findings.data?.items.length ?? 0) > mostLines
              ? `and ${findings.data!.items.length - mostLines}${findings.data!.nextCursor ? ' and more' : ' more'}`
              : undefined
          }
        />
        <Lines
          title="What changed in a day"
          none={reading(changes, 'Nothing that is known of.')}
          lines={(changes.data?.items ?? []).map(changeLine)}
        />
      </div>
      <Events meshId={meshId} of={subjects} />
      {logged && logged.length > 0 ? <LogTail meshId={meshId} places={logged} /> : null}
    </>
  );
}
