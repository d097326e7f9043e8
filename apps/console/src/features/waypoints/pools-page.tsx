'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { Boxes } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { lazy, Suspense, useState } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { count, sentence } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useFlag } from '@/lib/use-flag.ts';
import { ConfirmDialog } from '@/ui/confirm-dialog.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { CreateButton } from '@/ui/create-button.tsx';
import { MenuItem } from '@/ui/menu.tsx';
import { Empty, Skeleton } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { actColumn } from '@/ui/table/act-column.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { notify } from '@/ui/toast.ts';
import { PreviewOf, refusalText } from './preview.tsx';
import { cannotHaveWaypoints } from './refusals.ts';
import { WaypointViews } from './views.tsx';
import { perHour, perMonth, type Pool } from './words.ts';

const PoolDialog = lazy(() => import('./pool-dialog.tsx').then((m) => ({ default: m.PoolDialog })));

const isReady = ({ clusters }: Pool): boolean =>
  clusters.length > 0 && clusters.every(({ ready }) => ready);

/** The pools of the mesh: what a waypoint of each is, who is of it, and what it costs. */
export function PoolsPage() {
  const mesh = useMesh();
  const client = useTRPCClient();
  const refused = useRefusal()('mesh.write') ?? cannotHaveWaypoints(mesh);
  const [creating, setCreating] = useFlag('create');
  const [edited, setEdited] = useQueryState('edit', parseAsString);
  const [deleting, setDeleting] = useState<Pool | null>(null);
  const list = useAll(['waypointPool', 'list'], { meshId: mesh.id }, (page) =>
    client.waypointPool.list.query(page),
  );
  const editing = list.data?.items.find(({ id }) => id === edited);
  const columns: Column<Pool>[] = [
    {
      id: 'name',
      header: 'Pool',
      wrap: true,
      value: (row) => row.name,
      cell: (row) => (
        <span className="block min-w-0">
          <button
            type="button"
            className="text-left font-medium text-accent hover:underline"
            onClick={() => void setEdited(row.id)}
          >
            {row.name}
          </button>
          <span className="line-clamp-2 text-xs text-ink-3" title={row.sentence}>
            {row.sentence}
          </span>
        </span>
      ),
    },
    {
      id: 'state',
      header: 'State',
      width: '120px',
      hideBelow: 'sm',
      value: (row) => (isReady(row) ? 'Ready' : 'Progressing'),
      cell: (row) => <Status status={isReady(row) ? 'Ready' : 'Progressing'} quiet />,
    },
    {
      id: 'kind',
      header: 'Kind',
      width: '104px',
      hideBelow: 'md',
      value: (row) => row.spec.kind,
      cell: (row) => <Tag>{row.spec.kind}</Tag>,
    },
    {
      id: 'size',
      header: 'Size',
      width: '84px',
      hideBelow: 'lg',
      value: (row) => row.spec.size,
    },
    {
      id: 'replicas',
      header: 'Replicas',
      width: '104px',
      align: 'right',
      hideBelow: 'lg',
      value: (row) => row.replicas,
      cell: (row) => (
        <span title={`${row.spec.minReplicas} to ${row.spec.maxReplicas} for each waypoint`}>
          {row.replicas} ({row.spec.minReplicas}–{row.spec.maxReplicas})
        </span>
      ),
    },
    {
      id: 'waypoints',
      header: 'Waypoints',
      width: '110px',
      align: 'right',
      value: (row) => row.waypoints,
      cell: (row) => (
        <Link
          href={`${paths.meshWaypoints(mesh.id)}?pool=${row.name}`}
          className="text-accent hover:underline"
          aria-label={`${count(row.waypoints, 'waypoint')} of ${row.name}`}
        >
          {row.waypoints}
        </Link>
      ),
    },
    {
      id: 'price',
      header: 'Price of a replica',
      width: '136px',
      align: 'right',
      hideBelow: 'lg',
      value: (row) => row.spec.pricePerHour,
      cell: (row) =>
        row.spec.pricePerHour === null ? '–' : perHour(row.spec.pricePerHour, row.spec.currency),
    },
    {
      id: 'cost',
      header: 'Cost now',
      width: '132px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.costPerHour,
      cell: (row) =>
        row.costPerHour === null ? (
          '–'
        ) : (
          <span title={perMonth(row.costPerHour, row.spec.currency)}>
            {perHour(row.costPerHour, row.spec.currency)}
          </span>
        ),
    },
    actColumn({
      refused,
      items: (row) => (
        <>
          <MenuItem onSelect={() => void setEdited(row.id)}>Edit…</MenuItem>
          <MenuItem onSelect={() => setDeleting(row)}>Delete…</MenuItem>
        </>
      ),
    }),
  ];
  const create = (
    <CreateButton refused={refused} onClick={() => setCreating(true)}>
      New pool
    </CreateButton>
  );
  return (
    <>
      <WaypointViews />
      <div className="mb-4 flex flex-wrap items-start justify-between gap-3">
        <p className="min-w-0 grow basis-72 text-base" aria-live="polite">
          {list.data
            ? list.data.items.length === 0
              ? 'No pool: waypoints have one replica each, as Istio makes them.'
              : leadOf(list.data.items)
            : 'What waypoints are made of: size, number, nodes, price.'}
        </p>
        <div className="flex flex-wrap gap-2">
          <CopyAs verb="waypointPool.list" input={{ meshId: mesh.id }} />
          {create}
        </div>
      </div>
      <Listing
        list={list}
        name="waypoint-pools"
        label="Waypoint pools"
        noun={['pool', 'pools']}
        columns={columns}
        rowKey={(row) => row.id}
        defaultSort="name"
        empty={
          <Empty
            icon={<Boxes size={18} aria-hidden="true" />}
            title="No pool"
            action={create}
            command={`npx ambit waypoint-pool create --mesh-id ${mesh.id} --name standard --spec.kind shared`}
          >
            A pool gives waypoints their size, scaling, nodes, drain times and price. Templates
            begin shared, dedicated and virtual ones.
          </Empty>
        }
      />
      <Suspense>
        {creating && !refused ? (
          <PoolDialog pool={null} onClose={() => setCreating(false)} />
        ) : null}
        {editing && !refused ? (
          <PoolDialog key={editing.id} pool={editing} onClose={() => void setEdited(null)} />
        ) : null}
      </Suspense>
      {deleting ? (
        <DeleteDialog meshId={mesh.id} pool={deleting} onClose={() => setDeleting(null)} />
      ) : null}
    </>
  );
}

function leadOf(pools: readonly Pool[]): string {
  const waiting = pools.filter((pool) => !isReady(pool)).length;
  const costs = new Map<string, number>();
  for (const { costPerHour, spec } of pools) {
    if (costPerHour) costs.set(spec.currency, (costs.get(spec.currency) ?? 0) + costPerHour);
  }
  const cost = [...costs].map(([currency, sum]) => perMonth(sum, currency)).join(' and ');
  return [
    `${count(pools.length, 'pool')}, ${waiting === 0 ? 'all of them ready' : `${waiting} not ready yet`}.`,
    cost ? `Their waypoints cost ${cost} as they are now.` : '',
  ].join(' ');
}

function DeleteDialog({
  meshId,
  pool,
  onClose,
}: {
  meshId: string;
  pool: Pool;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const input = { meshId, poolId: pool.id };
  const preview = useQuery(trpc.waypointPool.preview.queryOptions({ ...input, act: 'delete' }));
  const remove = useMutation(
    trpc.waypointPool.delete.mutationOptions({
      onSuccess: ({ name }) => {
        notify.done(`The pool ${name} is deleted`);
        onClose();
      },
    }),
  );
  return (
    <ConfirmDialog
      title={`Delete pool ${pool.name}?`}
      verb="waypointPool.delete"
      input={input}
      action="Delete it"
      mutation={remove}
      disabledReason={
        preview.data ? refusalText(preview.data) : 'What it would do is being computed.'
      }
      onClose={onClose}
    >
      {preview.data ? (
        <PreviewOf preview={preview.data} />
      ) : preview.error ? (
        <p className="text-sm text-bad">{sentence(preview.error.message)}</p>
      ) : (
        <Skeleton lines={2} />
      )}
      {preview.data?.allowed === false ? (
        <p className="text-sm">
          <Link
            href={`${paths.meshWaypoints(meshId)}?pool=${pool.name}`}
            className="text-accent hover:underline"
          >
            Its waypoints
          </Link>
        </p>
      ) : null}
    </ConfirmDialog>
  );
}
