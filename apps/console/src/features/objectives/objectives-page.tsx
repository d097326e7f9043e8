'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { Plus, Target } from 'lucide-react';
import Link from 'next/link';
import { lazy, Suspense, useState } from 'react';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useFlag } from '@/lib/use-flag.ts';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Menu, MenuItem } from '@/ui/menu.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { Empty } from '@/ui/states.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { notify } from '@/ui/toast.ts';
import { Budget, ObjectiveState } from './budget.tsx';
import { fastestBurn, percent, promiseOf } from './words.ts';

export type Objective = Outputs['objective']['list']['items'][number];

const ObjectiveDialog = lazy(() =>
  import('./objective-dialog.tsx').then((m) => ({ default: m.ObjectiveDialog })),
);

const rank = { exhausted: 0, burning: 1, unknown: 2, idle: 3, met: 4 };

export function ObjectivesPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('alert.write');
  const [creating, setCreating] = useFlag('create');
  const [editing, setEditing] = useState<Objective | null>(null);
  const meshes = useQuery(trpc.mesh.list.queryOptions({ limit: 500 })).data?.items;
  const list = useAll(['objective', 'list'], {}, (page) => client.objective.list.query(page));
  const remove = useMutation(
    trpc.objective.delete.mutationOptions({
      onSuccess: (objective) => notify.done(`${objective.name} is deleted; its alerts resolve`),
      onError: (error) => notify.failed('Could not delete it', error),
    }),
  );
  const columns: Column<Objective>[] = [
    {
      id: 'state',
      header: 'State',
      width: '116px',
      value: (row) => rank[row.status.state],
      cell: (row) => <ObjectiveState state={row.status.state} />,
    },
    {
      id: 'name',
      header: 'Objective',
      wrap: true,
      value: (row) => row.name,
      cell: (row) => (
        <Link href={paths.objective(row.meshId, row.id)} className="block hover:underline">
          <span className="font-medium break-words">{row.name}</span>
          <span className="block text-xs text-ink-3">{promiseOf(row)}</span>
        </Link>
      ),
    },
    {
      id: 'subject',
      header: 'Of',
      hideBelow: 'md',
      value: (row) => `${row.subject.namespace}/${row.subject.name}`,
      cell: (row) => (
        <span className="block truncate">
          {row.subject.namespace}/{row.subject.name}{' '}
          <span className="text-ink-3">
            in {meshes?.find(({ id }) => id === row.meshId)?.name ?? '…'}
          </span>
        </span>
      ),
    },
    {
      id: 'reached',
      header: 'Good',
      width: '96px',
      align: 'right',
      hideBelow: 'lg',
      value: (row) => row.status.reached,
      cell: (row) => percent(row.status.reached),
    },
    {
      id: 'budget',
      header: 'Budget left',
      align: 'right',
      value: (row) => row.status.budgetLeft,
      cell: (row) => <Budget left={row.status.budgetLeft} state={row.status.state} />,
    },
    {
      id: 'burn',
      header: 'Burns',
      width: '116px',
      align: 'right',
      hideBelow: 'lg',
      value: (row) => row.status.burns[0]?.long ?? null,
      cell: (row) => fastestBurn(row.status.burns),
    },
    {
      id: 'told',
      header: 'Told of',
      width: '84px',
      align: 'right',
      hideBelow: 'xl',
      value: (row) => row.status.coverage,
      cell: (row) => percent(row.status.coverage, 2),
    },
    {
      id: 'actions',
      header: '',
      width: '84px',
      align: 'right',
      hideBelow: 'sm',
      value: () => null,
      cell: (row) => (
        <Menu
          trigger={
            <Button size="sm" aria-label={`Act on ${row.name}`} disabledReason={refused}>
              Act
            </Button>
          }
        >
          <MenuItem onSelect={() => setEditing(row)}>Edit…</MenuItem>
          <MenuItem onSelect={() => remove.mutate({ objectiveId: row.id })}>Delete</MenuItem>
        </Menu>
      ),
    },
  ];
  const items = list.data?.items ?? [];
  const of = (state: string) => items.filter((each) => each.status.state === state).length;
  const lead = !list.data
    ? 'What services promise, and what is left of it.'
    : items.length === 0
      ? 'Nothing is promised yet.'
      : [
          of('exhausted') + of('burning') === 0
            ? `${count(of('met'), 'objective is met', 'objectives are met')}.`
            : `${count(of('exhausted') + of('burning'), 'objective', 'objectives')} in danger: ${of('exhausted')} used up, ${of('burning')} burning.`,
          of('unknown') > 0
            ? `Of ${of('unknown')} nothing is known: nobody tells of their requests.`
            : '',
        ].join(' ');
  const create = (
    <Button
      variant="primary"
      icon={<Plus size={15} aria-hidden="true" />}
      disabledReason={refused}
      onClick={() => setCreating(true)}
    >
      New objective
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Objectives"
        lead={<span aria-live="polite">{lead}</span>}
        actions={
          <>
            <CopyAs verb="objective.list" input={{}} />
            {create}
          </>
        }
      />
      <Listing
        list={list}
        name="objectives"
        label="Objectives"
        noun={['objective', 'objectives']}
        columns={columns}
        rowKey={(row) => row.id}
        defaultSort="state"
        empty={
          <Empty
            icon={<Target size={18} aria-hidden="true" />}
            title="No objective"
            action={create}
            command={`npx ambit objective create --mesh-id MESH --name "cart is there" --kind availability --target 0.999 --subject '{"kind":"service","namespace":"shop","name":"cart"}'`}
          >
            Promise how many requests of a service are good, and be told when the budget for bad
            ones burns too fast.
          </Empty>
        }
      />
      {(creating || editing) && !refused ? (
        <Suspense>
          <ObjectiveDialog
            objective={editing}
            onClose={() => {
              setEditing(null);
              setCreating(false);
            }}
          />
        </Suspense>
      ) : null}
    </>
  );
}
