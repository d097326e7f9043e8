'use client';

import { useMutation } from '@tanstack/react-query';
import { BellRing } from 'lucide-react';
import Link from 'next/link';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { lazy, Suspense, useState } from 'react';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { Select } from '@/ui/field.tsx';
import { Menu, MenuItem } from '@/ui/menu.tsx';
import { Empty, ErrorState } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { DataTable, TableSkeleton } from '@/ui/table/table.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';

type Alert = Outputs['alert']['list']['items'][number];

const SilenceDialog = lazy(() =>
  import('./silence-dialog.tsx').then((m) => ({ default: m.SilenceDialog })),
);

const states = ['active', 'firing', 'pending', 'acknowledged', 'silenced', 'resolved'] as const;
const rank = { firing: 0, acknowledged: 1, pending: 2, silenced: 3, resolved: 4 };

export function AlertsPage() {
  const client = useTRPCClient();
  const refused = useRefusal()('alert.write');
  const [state, setState] = useQueryState(
    'state',
    parseAsStringLiteral(states).withDefault('active'),
  );
  const [silencing, setSilencing] = useState<Alert | null>(null);
  const list = useAll(['alert', 'list'], { state }, (page) => client.alert.list.query(page));
  const columns: Column<Alert>[] = [
    {
      id: 'state',
      header: 'State',
      width: '132px',
      value: (row) => rank[row.state],
      cell: (row) => <Status status={row.state} quiet />,
    },
    {
      id: 'summary',
      header: 'Alert',
      wrap: true,
      value: (row) => row.summary,
      cell: (row) => (
        <Link
          href={row.source === 'finding' ? row.link : paths.alert(row.id)}
          className="block min-w-0 hover:underline"
        >
          <span className="font-medium">{row.summary}</span>
          <span className="block text-xs text-ink-3">
            {row.ruleName}
            {row.acknowledgement
              ? ` · taken by ${row.acknowledgement.by}${row.acknowledgement.note ? `: ${row.acknowledgement.note}` : ''}`
              : ''}
            {row.unknownSince ? ' · unknown: nobody tells whether it still holds' : ''}
            {row.episode > 1
              ? ` · came back ${row.episode === 2 ? 'once' : `${row.episode - 1} times`}`
              : ''}
          </span>
        </Link>
      ),
    },
    {
      id: 'severity',
      header: 'Severity',
      width: '104px',
      hideBelow: 'md',
      value: (row) => row.severity,
      cell: (row) => <Status status={row.severity} quiet />,
    },
    {
      id: 'mesh',
      header: 'Mesh',
      width: '110px',
      hideBelow: 'lg',
      value: (row) => row.labels['mesh'] ?? '',
    },
    {
      id: 'since',
      header: 'Since',
      width: '96px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.resolvedAt ?? row.firedAt ?? row.startedAt,
      cell: (row) => <Time at={row.resolvedAt ?? row.firedAt ?? row.startedAt} />,
    },
    {
      id: 'actions',
      header: '',
      width: '92px',
      align: 'right',
      value: () => null,
      cell: (row) => <Actions alert={row} refused={refused} onSilence={() => setSilencing(row)} />,
    },
    { id: 'rule', header: 'Rule', extra: true, value: (row) => row.ruleName },
    { id: 'id', header: 'Id', extra: true, value: (row) => row.id },
  ];
  return (
    <>
      <div role="group" aria-label="Filters" className="mb-3 flex flex-wrap gap-2">
        <Select
          aria-label="State"
          value={state}
          onChange={(event) => void setState(event.target.value as (typeof states)[number])}
          className="max-w-52"
        >
          {states.map((each) => (
            <option key={each} value={each}>
              {each === 'active' ? 'All but resolved' : each}
            </option>
          ))}
        </Select>
      </div>
      {list.error && !list.data ? (
        <div className="card">
          <ErrorState error={list.error} what="the alerts" onRetry={() => void list.refetch()} />
        </div>
      ) : list.data ? (
        <DataTable
          name="alerts"
          label="Alerts"
          noun={['alert', 'alerts']}
          columns={columns}
          rows={list.data.items}
          complete={list.data.complete}
          rowKey={(row) => row.id}
          defaultSort="state"
          empty={
            <Empty
              icon={<BellRing size={18} aria-hidden="true" />}
              title={state === 'active' ? 'Nothing to tell' : 'None in this state'}
              action={<ButtonLink href={paths.alertRules()}>Alert rules</ButtonLink>}
            >
              An alert is raised for each finding that a rule is about, and told along the routes.
            </Empty>
          }
        />
      ) : (
        <TableSkeleton />
      )}
      {silencing ? (
        <Suspense>
          <SilenceDialog
            matchers={['code', 'resource']
              .filter((label) => silencing.labels[label])
              .map((label) => ({ label, op: '=', value: silencing.labels[label] ?? '' }))}
            onClose={() => setSilencing(null)}
          />
        </Suspense>
      ) : null}
    </>
  );
}

function Actions(props: { alert: Alert; refused: string | undefined; onSilence: () => void }) {
  const { alert, refused, onSilence } = props;
  const trpc = useTRPC();
  const acknowledge = useMutation(
    trpc.alert.acknowledge.mutationOptions({
      onSuccess: () => notify.done('Acknowledged: it is not told again'),
      onError: (error) => notify.failed('Could not acknowledge it', error),
    }),
  );
  const release = useMutation(
    trpc.alert.release.mutationOptions({
      onSuccess: () => notify.done('Given back: it is told again'),
      onError: (error) => notify.failed('Could not give it back', error),
    }),
  );
  const input = { alertId: alert.id };
  const over = refused ?? (alert.state === 'resolved' ? 'It is resolved.' : undefined);
  return (
    <Menu
      trigger={
        <Button size="sm" aria-label={`Act on ${alert.summary}`} disabledReason={over}>
          Act
        </Button>
      }
    >
      {alert.acknowledgement ? (
        <MenuItem onSelect={() => release.mutate(input)}>Give back</MenuItem>
      ) : (
        <MenuItem onSelect={() => acknowledge.mutate(input)}>Acknowledge</MenuItem>
      )}
      <MenuItem onSelect={onSilence}>Silence…</MenuItem>
    </Menu>
  );
}
