'use client';

import { BellRing } from 'lucide-react';
import Link from 'next/link';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { Select } from '@/ui/field.tsx';
import { Empty, ErrorState } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { DataTable, TableSkeleton } from '@/ui/table/table.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { AlertActs } from './alert-acts.tsx';

type Alert = Outputs['alert']['list']['items'][number];

const states = ['active', 'firing', 'pending', 'acknowledged', 'silenced', 'resolved'] as const;
const rank = { firing: 0, acknowledged: 1, pending: 2, silenced: 3, resolved: 4 };

export function AlertsPage() {
  const client = useTRPCClient();
  const [state, setState] = useQueryState(
    'state',
    parseAsStringLiteral(states).withDefault('active'),
  );
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
      cell: (row) => <AlertActs alert={row} size="sm" />,
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
    </>
  );
}
