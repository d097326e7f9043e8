'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { ListChecks, Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useFlag } from '@/lib/use-flag.ts';
import { Button } from '@/ui/button.tsx';
import { Menu, MenuItem } from '@/ui/menu.tsx';
import { Empty, ErrorState } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { DataTable, TableSkeleton } from '@/ui/table/table.tsx';
import type { Column } from '@/ui/table/types.ts';
import { notify } from '@/ui/toast.ts';
import { matchersText } from './matchers.tsx';
import { signalText } from './signal-fields.tsx';

export type AlertRule = Outputs['alertRule']['list']['items'][number];

const RuleDialog = lazy(() => import('./rule-dialog.tsx').then((m) => ({ default: m.RuleDialog })));

export function AlertRules() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('alert.write');
  const [creating, setCreating] = useFlag('create');
  const [editing, setEditing] = useState<AlertRule | null>(null);
  const meshes = useQuery(trpc.mesh.list.queryOptions({ limit: 500 })).data?.items;
  const list = useAll(['alertRule', 'list'], {}, (page) => client.alertRule.list.query(page));
  const remove = useMutation(
    trpc.alertRule.delete.mutationOptions({
      onSuccess: (rule) => notify.done(`${rule.name} is deleted; its alerts resolve`),
      onError: (error) => notify.failed('Could not delete it', error),
    }),
  );
  const columns: Column<AlertRule>[] = [
    {
      id: 'name',
      header: 'Name',
      wrap: true,
      value: (row) => row.name,
      cell: (row) => (
        <>
          <span className="block font-medium break-words">{row.name}</span>
          <span className="block text-xs break-words text-ink-3">
            {row.signal
              ? `${signalText(row.signal)}, where ${matchersText(row.matchers)}`
              : `${row.source === 'objective' ? 'Objectives' : 'Findings'} where ${matchersText(row.matchers)}`}
          </span>
          {row.looks
            .filter(({ state }) => state !== 'ok')
            .slice(0, 2)
            .map((look) => (
              <span key={look.meshId} className="block text-xs break-words text-warn">
                {look.state === 'unknown' ? 'Unknown' : 'Known in part'} in{' '}
                {meshes?.find(({ id }) => id === look.meshId)?.name ?? look.meshId}: {look.message}
              </span>
            ))}
        </>
      ),
    },
    {
      id: 'state',
      header: 'State',
      width: '84px',
      value: (row) => (row.enabled ? 'on' : 'off'),
      cell: (row) => <Status status={row.enabled ? 'on' : 'off'} quiet />,
    },
    {
      id: 'mesh',
      header: 'Mesh',
      width: '120px',
      hideBelow: 'md',
      value: (row) =>
        row.meshId ? (meshes?.find(({ id }) => id === row.meshId)?.name ?? row.meshId) : 'all',
    },
    {
      id: 'for',
      header: 'Fires after',
      width: '104px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.forSeconds,
      cell: (row) => `${row.forSeconds} s`,
    },
    {
      id: 'alerts',
      header: 'Alerts',
      width: '80px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.alerts,
    },
    {
      id: 'actions',
      header: '',
      width: '92px',
      align: 'right',
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
          <MenuItem onSelect={() => remove.mutate({ alertRuleId: row.id })}>Delete</MenuItem>
        </Menu>
      ),
    },
  ];
  const create = (
    <Button
      variant="primary"
      icon={<Plus size={15} aria-hidden="true" />}
      disabledReason={refused}
      onClick={() => setCreating(true)}
    >
      New rule
    </Button>
  );
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <p className="text-ink-2">What raises an alert, and after how long.</p>
        {create}
      </div>
      {list.error && !list.data ? (
        <div className="card">
          <ErrorState error={list.error} what="the rules" onRetry={() => void list.refetch()} />
        </div>
      ) : list.data ? (
        <DataTable
          name="alert-rules"
          label="Alert rules"
          noun={['rule', 'rules']}
          columns={columns}
          rows={list.data.items}
          complete={list.data.complete}
          rowKey={(row) => row.id}
          defaultSort="name"
          empty={
            <Empty
              icon={<ListChecks size={18} aria-hidden="true" />}
              title="No alert rule"
              action={create}
              command={`npx ambit alert-rule create --name errors --matchers '[{"label":"severity","value":"error"}]'`}
            >
              A rule for errors of every mesh is a good beginning.
            </Empty>
          }
        />
      ) : (
        <TableSkeleton />
      )}
      {(creating || editing) && !refused ? (
        <Suspense>
          <RuleDialog
            rule={editing}
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
