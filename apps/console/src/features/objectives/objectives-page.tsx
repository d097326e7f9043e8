'use client';

import { useQuery } from '@tanstack/react-query';
import { Target } from 'lucide-react';
import Link from 'next/link';
import { lazy, Suspense } from 'react';
import { count, exactShareText } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useEditing } from '@/lib/use-editing.ts';
import { CreateButton } from '@/ui/create-button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { MenuItem } from '@/ui/menu.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { Empty } from '@/ui/states.tsx';
import { actColumn } from '@/ui/table/act-column.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import { useTakeAway } from '@/ui/table/take-away.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Budget, ObjectiveState } from './budget.tsx';
import { ExportButton } from './export-button.tsx';
import { fastestBurn, promiseOf } from './words.ts';

export type Objective = Outputs['objective']['list']['items'][number];

const ObjectiveDialog = lazy(() =>
  import('./objective-dialog.tsx').then((m) => ({ default: m.ObjectiveDialog })),
);

const rank = { exhausted: 0, burning: 1, unknown: 2, idle: 3, met: 4 };

export function ObjectivesPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('alert.write');
  const editing = useEditing<Objective>();
  const meshes = useQuery(trpc.mesh.list.queryOptions({ limit: 500 })).data?.items;
  const list = useAll(['objective', 'list'], {}, (page) => client.objective.list.query(page));
  const deletion = useTakeAway({
    verb: 'objective.delete',
    input: ({ id }: Objective) => ({ objectiveId: id }),
    mutation: trpc.objective.delete.mutationOptions(),
    title: ({ name }) => `Delete ${name}?`,
    action: 'Delete it',
    text: () => <p>What was counted for it is forgotten, and its alerts resolve.</p>,
    done: ({ name }) => `${name} is deleted; its alerts resolve`,
  });
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
      cell: (row) => exactShareText(row.status.reached),
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
      cell: (row) => exactShareText(row.status.coverage, 2),
    },
    actColumn({
      refused,
      hideBelow: 'sm',
      items: (row) => (
        <>
          <MenuItem onSelect={() => editing.edit(row)}>Edit…</MenuItem>
          <MenuItem onSelect={() => deletion.ask(row)}>Delete…</MenuItem>
        </>
      ),
    }),
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
    <CreateButton refused={refused} onClick={editing.create}>
      New objective
    </CreateButton>
  );
  return (
    <>
      <PageHeader
        title="Objectives"
        lead={<span aria-live="polite">{lead}</span>}
        actions={
          <>
            <CopyAs verb="objective.list" input={{}} />
            {items.length > 0 ? <ExportButton objectives={items} /> : null}
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
      {editing.isOpen && !refused ? (
        <Suspense>
          <ObjectiveDialog objective={editing.edited} onClose={editing.close} />
        </Suspense>
      ) : null}
      {deletion.question}
    </>
  );
}
