'use client';

import { useMutation } from '@tanstack/react-query';
import { BellOff } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useFlag } from '@/lib/use-flag.ts';
import { Button } from '@/ui/button.tsx';
import { CreateButton } from '@/ui/create-button.tsx';
import { Empty } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';
import { matchersText } from './matchers.tsx';

type Silence = Outputs['silence']['list']['items'][number];

const SilenceDialog = lazy(() =>
  import('./silence-dialog.tsx').then((m) => ({ default: m.SilenceDialog })),
);

export function Silences() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('alert.write');
  const [creating, setCreating] = useFlag('create');
  const list = useAll(['silence', 'list'], {}, (page) => client.silence.list.query(page));
  const expire = useMutation(
    trpc.silence.expire.mutationOptions({
      onSuccess: () => notify.done('The silence is over'),
      onError: (error) => notify.failed('Could not end it', error),
    }),
  );
  const columns: Column<Silence>[] = [
    {
      id: 'state',
      header: 'State',
      width: '110px',
      value: (row) => row.state,
      cell: (row) => <Status status={row.state} quiet />,
    },
    {
      id: 'matchers',
      header: 'Alerts',
      wrap: true,
      value: (row) => matchersText(row.matchers),
      cell: (row) => (
        <>
          <span className="block font-medium break-words">{matchersText(row.matchers)}</span>
          <span className="block text-xs text-ink-3">
            {row.reason} · {row.createdBy}
          </span>
        </>
      ),
    },
    {
      id: 'alerts',
      header: 'Silenced',
      width: '90px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.alerts,
    },
    {
      id: 'ends',
      header: 'Ends',
      width: '104px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.endsAt,
      cell: (row) => <Time at={row.endsAt} />,
    },
    {
      id: 'actions',
      header: '',
      width: '84px',
      align: 'right',
      value: () => null,
      cell: (row) => (
        <Button
          size="sm"
          aria-label={`End the silence of ${matchersText(row.matchers)}`}
          disabledReason={refused ?? (row.state === 'expired' ? 'It is over already.' : undefined)}
          onClick={() => expire.mutate({ silenceId: row.id })}
        >
          End
        </Button>
      ),
    },
  ];
  const create = (
    <CreateButton refused={refused} onClick={() => setCreating(true)}>
      New silence
    </CreateButton>
  );
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <p className="text-ink-2">Alerts that nobody is told of for a while, and why.</p>
        {create}
      </div>
      <Listing
        name="silences"
        label="Silences"
        noun={['silence', 'silences']}
        columns={columns}
        list={list}
        rowKey={(row) => row.id}
        empty={
          <Empty icon={<BellOff size={18} aria-hidden="true" />} title="No silence" action={create}>
            During planned work a silence keeps the routes quiet; it ends by itself.
          </Empty>
        }
      />
      {creating && !refused ? (
        <Suspense>
          <SilenceDialog
            matchers={[{ label: 'namespace', op: '=', value: '' }]}
            onClose={() => setCreating(false)}
          />
        </Suspense>
      ) : null}
    </>
  );
}
