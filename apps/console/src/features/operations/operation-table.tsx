'use client';

import type { LifecycleOperation } from '@ambit/contracts/lifecycle';
import { operationStates } from '@ambit/contracts/operation-states';
import Link from 'next/link';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { paths } from '@/lib/paths.ts';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useNow } from '@/lib/use-now.ts';
import { Select } from '@/ui/field.tsx';
import { Empty } from '@/ui/states.tsx';
import { Status, statusWord } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { elapsed, operationName, operationSentence } from './progress.ts';

const Elapsed = ({ operation }: { operation: LifecycleOperation }) => (
  <span className="tnum">{elapsed(operation, useNow()) || '–'}</span>
);

const columns: Column<LifecycleOperation>[] = [
  {
    id: 'operation',
    header: 'Operation',
    width: '30%',
    value: operationName,
    cell: (row) => (
      <Link href={paths.operation(row.id)} className="font-medium hover:underline">
        {operationName(row)}
      </Link>
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: '128px',
    value: (row) => statusWord(row.state),
    cell: (row) => <Status status={row.state} quiet />,
  },
  {
    id: 'message',
    header: 'What happens',
    hideBelow: 'md',
    value: operationSentence,
    cell: (row) => (
      <span className="text-ink-2" title={operationSentence(row)}>
        {operationSentence(row)}
      </span>
    ),
  },
  { id: 'actor', header: 'By', width: '140px', hideBelow: 'lg', value: (row) => row.actor.name },
  {
    id: 'duration',
    header: 'Took',
    width: '104px',
    align: 'right',
    hideBelow: 'md',
    value: (row) =>
      row.startedAt && row.finishedAt
        ? Date.parse(row.finishedAt) - Date.parse(row.startedAt)
        : null,
    cell: (row) => <Elapsed operation={row} />,
  },
  {
    id: 'created',
    header: 'Begun',
    width: '112px',
    hideBelow: 'sm',
    align: 'right',
    value: (row) => row.createdAt,
    cell: (row) => <Time at={row.createdAt} />,
  },
  { id: 'id', header: 'Id', extra: true, value: (row) => row.id },
];

/** Operations of everything, or of one mesh. */
export function OperationTable({ targetId }: { targetId?: string }) {
  const client = useTRPCClient();
  const [state, setState] = useQueryState('state', parseAsStringLiteral(operationStates));
  const input = { ...(targetId ? { targetId } : {}), ...(state ? { state } : {}) };
  const list = useAll(['operation', 'list'], input, (page) => client.operation.list.query(page));
  const stateSelect = (
    <Select
      aria-label="State"
      value={state ?? ''}
      onChange={(event) =>
        void setState((event.target.value || null) as (typeof operationStates)[number] | null)
      }
      className="!w-36"
    >
      <option value="">Any state</option>
      {operationStates.map((each) => (
        <option key={each} value={each}>
          {statusWord(each)}
        </option>
      ))}
    </Select>
  );
  return (
    <Listing
      name="operations"
      label="Operations"
      noun={['operation', 'operations']}
      columns={columns}
      list={list}
      rowKey={(row) => row.id}
      href={(row) => paths.operation(row.id)}
      defaultSort="-created"
      toolbar={stateSelect}
      empty={
        state ? (
          <Empty
            title={`No operation is ${statusWord(state).toLowerCase()}`}
            action={
              <button
                type="button"
                className="text-accent underline underline-offset-2"
                onClick={() => void setState(null)}
              >
                Show every state
              </button>
            }
          />
        ) : (
          <Empty title="No operations yet">
            Creating, changing, upgrading or deleting a mesh runs as an operation. Each shows its
            steps here, and can be followed while it runs.
          </Empty>
        )
      }
    />
  );
}
