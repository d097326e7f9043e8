'use client';

import { useQuery } from '@tanstack/react-query';
import { Waypoints } from 'lucide-react';
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import { lazy, Suspense } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useFlag } from '@/lib/use-flag.ts';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { CreateButton } from '@/ui/create-button.tsx';
import { Select } from '@/ui/field.tsx';
import { Empty, Note } from '@/ui/states.tsx';
import { Listing } from '@/ui/table/listing.tsx';

import { waypointColumns } from './columns.tsx';
import { ReclaimNote } from './reclaim-note.tsx';
import { Released } from './released.tsx';
import { cannotHaveWaypoints } from './refusals.ts';
import { WaypointViews } from './views.tsx';

const states = ['Ready', 'Degraded', 'Progressing', 'Failed', 'Unknown'] as const;

const CreateDialog = lazy(() =>
  import('./create-dialog.tsx').then((m) => ({ default: m.CreateDialog })),
);

const ReclaimDialog = lazy(() =>
  import('./reclaim-dialog.tsx').then((m) => ({ default: m.ReclaimDialog })),
);

/** Every waypoint of the mesh: how it is, what it does, what it costs, and which ones nothing needs. */
export function WaypointsPage() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('mesh.write') ?? cannotHaveWaypoints(mesh);
  const [creating, setCreating] = useFlag('create');
  const [reclaiming, setReclaiming] = useFlag('reclaim');
  const [state, setState] = useQueryState('state', parseAsStringLiteral(states));
  const [pool, setPool] = useQueryState('pool', parseAsString);
  const [cluster, setCluster] = useQueryState('cluster', parseAsString);
  const [idle, setIdle] = useQueryState('idle', parseAsBoolean.withDefault(false));
  const list = useAll(
    ['waypoint', 'list'],
    { meshId: mesh.id, ...(state ? { state } : {}), ...(pool ? { pool } : {}) },
    (page) => client.waypoint.list.query(page),
  );
  const told = useQuery(trpc.waypoint.list.queryOptions({ meshId: mesh.id, limit: 1 })).data;
  const pools = useQuery(trpc.waypointPool.list.queryOptions({ meshId: mesh.id, limit: 500 })).data;
  const items = (list.data?.items ?? []).filter(
    (row) => (!cluster || row.clusterName === cluster) && (!idle || row.reclaimable),
  );
  const filtered = state !== null || pool !== null || cluster !== null || idle;
  const create = (
    <CreateButton refused={refused} onClick={() => setCreating(true)}>
      New waypoint
    </CreateButton>
  );
  return (
    <>
      <WaypointViews />
      <div className="mb-4 flex flex-wrap items-start justify-between gap-3">
        <p className="min-w-0 grow basis-72 text-base" aria-live="polite">
          {told?.sentence ?? 'Looking at what the agents told.'}
        </p>
        <div className="flex flex-wrap gap-2">
          <CopyAs
            verb="waypoint.list"
            input={{ meshId: mesh.id }}
            kubectl={`kubectl --kubeconfig ambit-${mesh.name}.yaml get gateways.gateway.networking.k8s.io -A`}
          />
          <Button disabledReason={refused} onClick={() => setReclaiming(true)}>
            Reclaim
          </Button>
          {create}
        </div>
      </div>
      {told?.silent.map((one) => (
        <div key={one.clusterId} className="mb-3">
          <Note tone="warn" title={one.clusterName}>
            {one.why}
          </Note>
        </div>
      ))}
      <ReclaimNote
        items={list.data?.items ?? []}
        shown={idle}
        onShow={(shown) => void setIdle(shown)}
      />
      <Listing
        name="waypoints"
        label="Waypoints"
        noun={['waypoint', 'waypoints']}
        columns={waypointColumns({
          meshId: mesh.id,
          severalClusters: mesh.clusters.length > 1,
          pools: pools?.items ?? [],
        })}
        list={{ ...list, data: list.data && { ...list.data, items } }}
        rowKey={(row) => `${row.clusterId}/${row.namespace}/${row.name}`}
        href={(row) => paths.waypoint(mesh.id, row.clusterId, row.namespace, row.name)}
        defaultSort="name"
        toolbar={
          <>
            {mesh.clusters.length > 1 ? (
              <Select
                aria-label="Cluster"
                className="max-w-36"
                value={cluster ?? ''}
                onChange={(event) => void setCluster(event.target.value || null)}
              >
                <option value="">Any cluster</option>
                {mesh.clusters.map(({ id, name }) => (
                  <option key={id}>{name}</option>
                ))}
              </Select>
            ) : null}
            <Select
              aria-label="State"
              className="max-w-36"
              value={state ?? ''}
              onChange={(event) =>
                void setState((event.target.value || null) as (typeof states)[number] | null)
              }
            >
              <option value="">Any state</option>
              {states.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
            <Select
              aria-label="Pool"
              className="max-w-36"
              value={pool ?? ''}
              onChange={(event) => void setPool(event.target.value || null)}
            >
              <option value="">Any pool</option>
              {pools?.items.map(({ id, name }) => (
                <option key={id}>{name}</option>
              ))}
            </Select>
          </>
        }
        empty={
          filtered ? (
            <Empty title="No waypoint is like that">Change the filters to see others.</Empty>
          ) : (
            <Empty
              icon={<Waypoints size={18} aria-hidden="true" />}
              title="No waypoint"
              action={create}
              command={`npx ambit waypoint create --mesh-id ${mesh.id} --namespace shop --name waypoint`}
            >
              A waypoint does L7 for the Services that use it: routes, policies and telemetry of
              requests. Enrolment to L4+L7 makes one where none is.
            </Empty>
          )
        }
      />
      <Released meshId={mesh.id} released={told?.released ?? []} />
      {reclaiming && !refused ? (
        <Suspense>
          <ReclaimDialog
            meshId={mesh.id}
            namespaces={[...new Set(list.data?.items.map((row) => row.namespace))]}
            onClose={() => setReclaiming(false)}
          />
        </Suspense>
      ) : null}
      {creating && !refused ? (
        <Suspense>
          <CreateDialog onClose={() => setCreating(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
