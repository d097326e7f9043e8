'use client';

import { useMutation } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { lazy, Suspense } from 'react';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useEditing } from '@/lib/use-editing.ts';
import { count } from '@/lib/format.ts';
import { CreateButton } from '@/ui/create-button.tsx';
import { MenuItem } from '@/ui/menu.tsx';
import { Empty } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { actColumn } from '@/ui/table/act-column.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import { useTakeAway } from '@/ui/table/take-away.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';
import { matchersText } from './matchers.tsx';

export type AlertRoute = Outputs['alertRoute']['list']['items'][number];

const RouteDialog = lazy(() =>
  import('./route-dialog.tsx').then((m) => ({ default: m.RouteDialog })),
);

export const kindWords = {
  webhook: 'Webhook',
  slack: 'Slack-compatible',
  email: 'Email',
  pagerduty: 'PagerDuty-compatible',
};

export function AlertRoutes() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const router = useRouter();
  const refused = useRefusal()('alertRoute.write');
  const editing = useEditing<AlertRoute>();
  const list = useAll(['alertRoute', 'list'], {}, (page) => client.alertRoute.list.query(page));
  const test = useMutation(
    trpc.alertRoute.test.mutationOptions({
      onSuccess: (delivery) => {
        notify.done('The test is on its way; the log tells what came of it');
        router.push(paths.alertDeliveries(delivery.alertRouteId));
      },
      onError: (error) => notify.failed('Could not test it', error),
    }),
  );
  const deletion = useTakeAway({
    verb: 'alertRoute.delete',
    input: ({ id }: AlertRoute) => ({ alertRouteId: id }),
    mutation: trpc.alertRoute.delete.mutationOptions(),
    title: ({ name }) => `Delete route ${name}?`,
    action: 'Delete the route',
    text: ({ target, health: { waiting } }) => (
      <p>
        {target.address} is told nothing from then on
        {waiting > 0
          ? `, nor of the ${count(waiting, 'message')} that ${waiting === 1 ? 'waits' : 'wait'}`
          : ''}
        . Its delivery log is deleted with it. To pause it, edit it and switch it off.
      </p>
    ),
    done: ({ name }) => `${name} is deleted`,
    refused,
  });
  const columns: Column<AlertRoute>[] = [
    {
      id: 'name',
      header: 'Name',
      wrap: true,
      value: (row) => row.name,
      cell: (row) => (
        <>
          <span className="block font-medium break-words">{row.name}</span>
          <span className="block text-xs break-words text-ink-3">
            {kindWords[row.kind]} · {row.target.address}
          </span>
        </>
      ),
    },
    {
      id: 'health',
      header: 'State',
      width: '112px',
      value: (row) => (row.enabled ? row.health.state : 'off'),
      cell: (row) => <Status status={row.enabled ? row.health.state : 'off'} quiet />,
    },
    {
      id: 'matchers',
      header: 'Alerts',
      hideBelow: 'lg',
      value: (row) => matchersText(row.matchers),
    },
    {
      id: 'waiting',
      header: 'Waiting',
      width: '88px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.health.waiting,
    },
    {
      id: 'last',
      header: 'Delivered',
      width: '104px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.health.lastDeliveredAt,
      cell: (row) => <Time at={row.health.lastDeliveredAt} />,
    },
    actColumn({
      refused,
      items: (row) => (
        <>
          <MenuItem onSelect={() => test.mutate({ alertRouteId: row.id })}>Send a test</MenuItem>
          <MenuItem onSelect={() => router.push(paths.alertDeliveries(row.id))}>
            Delivery log
          </MenuItem>
          <MenuItem onSelect={() => editing.edit(row)}>Edit…</MenuItem>
          <MenuItem onSelect={() => deletion.ask(row)}>Delete…</MenuItem>
        </>
      ),
    }),
    { id: 'message', header: 'Last attempt', extra: true, value: (row) => row.health.message },
  ];
  const create = (
    <CreateButton refused={refused} onClick={editing.create}>
      New route
    </CreateButton>
  );
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <p className="text-ink-2">
          Who is told, how, and how often. Every route that fits is taken.
        </p>
        {create}
      </div>
      <Listing
        name="alert-routes"
        label="Alert routes"
        noun={['route', 'routes']}
        columns={columns}
        list={list}
        rowKey={(row) => row.id}
        defaultSort="name"
        empty={
          <Empty
            icon={<Send size={18} aria-hidden="true" />}
            title="No route: nobody is told"
            action={create}
          >
            A signed webhook, a Slack-compatible channel, email, or a PagerDuty-compatible service.
          </Empty>
        }
      />
      {deletion.question}
      {editing.isOpen && !refused ? (
        <Suspense>
          <RouteDialog route={editing.edited} onClose={editing.close} />
        </Suspense>
      ) : null}
    </>
  );
}
