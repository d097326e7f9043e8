'use client';

import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { busyReason, useMesh } from '@/features/meshes/mesh-layout.tsx';
import { WaypointAbout } from '@/features/services/waypoint-about.tsx';
import { msText, rateText, shareText } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Facts, Numbers, Section } from '@/ui/page.tsx';
import { ErrorState, Note, Skeleton } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { Life } from './life.tsx';
import { Pods } from './pods.tsx';
import { Rejected } from './rejected.tsx';
import { othersOwn } from './refusals.ts';
import { remedyOf } from './remedies.ts';
import { Scaling } from './scaling.tsx';
import { SleepNote } from './sleep-note.tsx';
import { Uses } from './uses.tsx';
import { WaypointSignals } from './waypoint-signals.tsx';
import { reclaimWords, scopeWords } from './reclaim-words.ts';
import { addedText, fromText, perHour, perMonth, poolText, takesText } from './words.ts';

const ActDialog = lazy(() => import('./act-dialog.tsx').then((m) => ({ default: m.ActDialog })));
const EditDialog = lazy(() => import('./edit-dialog.tsx').then((m) => ({ default: m.EditDialog })));
const ReclaimDialog = lazy(() =>
  import('./reclaim-dialog.tsx').then((m) => ({ default: m.ReclaimDialog })),
);

interface Props {
  clusterId: string;
  namespace: string;
  name: string;
}

/** One waypoint in one cluster: how it is, what it does, how it scales, what it costs, and what can be done with it. */
export function WaypointPage({ clusterId, namespace, name }: Props) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const refusal = useRefusal();
  const [act, setAct] = useQueryState(
    'act',
    parseAsStringLiteral(['change', 'release', 'delete', 'reclaim'] as const),
  );
  const where = { meshId: mesh.id, namespace, name };
  const query = useQuery(trpc.waypoint.get.queryOptions({ ...where, clusterId }));
  const pools =
    useQuery(trpc.waypointPool.list.queryOptions({ meshId: mesh.id, limit: 500 })).data?.items ??
    [];
  if (query.error && !query.data) {
    return (
      <div className="card">
        <ErrorState error={query.error} what="this waypoint" onRetry={() => void query.refetch()} />
        <p className="pb-8 text-center">
          <ButtonLink href={paths.meshWaypoints(mesh.id)}>All waypoints</ButtonLink>
        </p>
      </div>
    );
  }
  if (!query.data) return <Skeleton lines={10} />;
  const waypoint = query.data;
  const pool = pools.find((each) => each.name === waypoint.pool);
  const refused = refusal('mesh.write') ?? othersOwn(waypoint);
  const { figures, reclaim } = waypoint;
  const remedy = waypoint.state === 'Ready' ? undefined : remedyOf(waypoint.reason);
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 grow basis-72">
          <h2 className="flex flex-wrap items-center gap-x-3 text-lg font-semibold">
            <span className="break-all">
              {namespace}/{name}
            </span>
            <Status status={waypoint.state} />
            {waypoint.reason && waypoint.state !== 'Ready' ? <Tag>{waypoint.reason}</Tag> : null}
          </h2>
          <p className="max-w-3xl text-ink-2" aria-live="polite">
            {waypoint.sentence}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          <CopyAs
            verb="waypoint.get"
            input={{ ...where, clusterId }}
            kubectl={`kubectl -n ${namespace} get gateways.gateway.networking.k8s.io ${name} -o yaml`}
          />
          <Button disabledReason={refused} onClick={() => void setAct('change')}>
            Change
          </Button>
          <Button
            disabledReason={
              refused ?? busyReason(mesh) ?? (reclaim.possible ? undefined : reclaim.sentence)
            }
            onClick={() => void setAct('release')}
          >
            Release
          </Button>
          <Button variant="danger" disabledReason={refused} onClick={() => void setAct('delete')}>
            Delete
          </Button>
        </div>
      </div>
      {remedy ? (
        <Note tone="warn" title="What to do">
          {remedy}
        </Note>
      ) : null}
      {waypoint.policyId === null ? (
        <Note
          title="Applied in the cluster by others"
          action={
            <ButtonLink size="sm" href={paths.meshPolicies(mesh.id)}>
              Open policies
            </ButtonLink>
          }
        >
          {othersOwn(waypoint)}
        </Note>
      ) : waypoint.reclaimable && waypoint.state !== 'Unknown' ? (
        <Note title="It could be released">
          {reclaim.sentence}
          {reclaim.dueAt ? (
            <>
              {' '}
              That is <Time at={reclaim.dueAt} />.
            </>
          ) : null}
        </Note>
      ) : null}
      <SleepNote waypoint={waypoint} />
      <Numbers
        items={[
          {
            label: 'Requests',
            value: figures.requestsPerSecond === null ? '–' : rateText(figures.requestsPerSecond),
            note: figures.at ? (
              <>
                {figures.errorShare === null
                  ? null
                  : `${shareText(figures.errorShare)} answered with 5xx; `}
                <Time at={figures.at} />
              </>
            ) : (
              'nobody told yet'
            ),
          },
          {
            label: 'Latency through it',
            value: figures.p50Ms === null ? '–' : msText(figures.p50Ms),
            note:
              figures.p99Ms === null
                ? 'not measured'
                : `half within it; 99% within ${msText(figures.p99Ms)}, the server’s time among it`,
          },
          {
            label: 'Latency it adds',
            value: figures.addedMs === null ? '–' : msText(figures.addedMs),
            note: addedText(waypoint),
          },
          {
            label: 'Saturation',
            value: waypoint.saturation === null ? '–' : shareText(waypoint.saturation),
            note:
              waypoint.saturation === null
                ? waypoint.pool === null
                  ? 'it is of no pool'
                  : 'no figures, or no target for requests'
                : 'of what ready replicas are to carry',
          },
          {
            label: 'Replicas',
            value: `${waypoint.replicas.ready} of ${waypoint.replicas.desired}`,
            note: 'ready',
          },
          {
            label: 'Cost',
            value:
              waypoint.costPerHour === null
                ? '–'
                : perMonth(waypoint.costPerHour, waypoint.currency).replace('/month', ''),
            note:
              waypoint.costPerHour === null
                ? waypoint.pool === null
                  ? 'it is of no pool'
                  : 'its pool tells no price'
                : `a month; ${perHour(waypoint.costPerHour, waypoint.currency)}`,
          },
        ]}
      />
      <Rejected meshId={mesh.id} waypoint={waypoint} />
      <WaypointSignals meshId={mesh.id} waypoint={waypoint} />
      <Uses meshId={mesh.id} waypoint={waypoint} />
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Scaling meshId={mesh.id} waypoint={waypoint} pool={pool} />
        <Section
          title="About"
          actions={
            <Button size="sm" disabledReason={refused} onClick={() => void setAct('reclaim')}>
              Set reclaim
            </Button>
          }
        >
          <Facts
            items={[
              ['Cluster', waypoint.clusterName],
              ['Takes', takesText(waypoint.takes)],
              ['May be used by', fromText(waypoint.from)],
              ['Class', waypoint.gatewayClass],
              ['Pool', poolText(waypoint.pool)],
              ['Size', pool ? pool.spec.size : 'Istio’s defaults'],
              [
                'Last active',
                waypoint.lastActiveAt ? (
                  <Time key="active" at={waypoint.lastActiveAt} />
                ) : (
                  'no request seen since its agent began'
                ),
              ],
              ['Sleep', waypoint.sleep?.sentence ?? 'its agent knows nothing of sleep'],
              [
                'When L7 does not need it',
                `${reclaimWords[reclaim.mode]} (${scopeWords[reclaim.from]})`,
              ],
              [
                'Nothing of L7 since',
                reclaim.idleSince ? (
                  <Time key="idle" at={reclaim.idleSince} />
                ) : waypoint.l7 > 0 ? (
                  'L7 needs it'
                ) : (
                  'not looked at yet'
                ),
              ],
            ]}
          />
        </Section>
      </div>
      <Life meshId={mesh.id} waypoint={waypoint} />
      <Pods meshId={mesh.id} waypoint={waypoint} />
      <WaypointAbout
        meshId={mesh.id}
        clusterId={clusterId}
        namespace={namespace}
        name={name}
        services={waypoint.attached
          .filter(({ kind }) => kind === 'Service')
          .map((one) => `${one.namespace}/${one.name}`)}
        bound={waypoint.bound.map((one) => `${one.kind} ${one.namespace}/${one.name}`)}
      />
      <Suspense>
        {act === 'change' && !refused ? (
          <EditDialog
            meshId={mesh.id}
            waypoint={waypoint}
            pools={pools}
            onClose={() => void setAct(null)}
          />
        ) : null}
        {act === 'reclaim' && !refused ? (
          <ReclaimDialog meshId={mesh.id} waypoint={waypoint} onClose={() => void setAct(null)} />
        ) : null}
        {(act === 'release' || act === 'delete') && !refused ? (
          <ActDialog
            key={act}
            {...where}
            act={act}
            onOther={() => void setAct(act === 'release' ? 'delete' : 'release')}
            onClose={() => void setAct(null)}
          />
        ) : null}
      </Suspense>
    </div>
  );
}
