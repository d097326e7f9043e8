'use client';

import { useQuery } from '@tanstack/react-query';
import { ListChecks } from 'lucide-react';
import { lazy, Suspense } from 'react';
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
import { matchersText } from './matchers.tsx';
import { signalText } from './signal-fields.tsx';

export type AlertRule = Outputs['alertRule']['list']['items'][number];

const RuleDialog = lazy(() => import('./rule-dialog.tsx').then((m) => ({ default: m.RuleDialog })));

export function AlertRules() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('alert.write');
  const editing = useEditing<AlertRule>();
  const meshes = useQuery(trpc.mesh.list.queryOptions({ limit: 500 })).data?.items;
  const list = useAll(['alertRule', 'list'], {}, (page) => client.alertRule.list.query(page));
  const deletion = useTakeAway({
    verb: 'alertRule.delete',
    input: ({ id }: AlertRule) => ({ alertRuleId: id }),
    mutation: trpc.alertRule.delete.mutationOptions(),
    title: ({ name }) => `Delete rule ${name}?`,
    action: 'Delete the rule',
    text: ({ alerts }) => (
      <p>
        {alerts > 0
          ? `Its ${count(alerts, 'alert')} ${alerts === 1 ? 'resolves' : 'resolve'} at once.`
          : 'It has no alerts now.'}{' '}
        What it stands for raises none from then on. To pause it, edit it and switch it off.
      </p>
    ),
    done: ({ name }) => `${name} is deleted; its alerts resolve`,
    refused,
  });
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
    actColumn({
      refused,
      items: (row) => (
        <>
          <MenuItem onSelect={() => editing.edit(row)}>Edit…</MenuItem>
          <MenuItem onSelect={() => deletion.ask(row)}>Delete…</MenuItem>
        </>
      ),
    }),
  ];
  const create = (
    <CreateButton refused={refused} onClick={editing.create}>
      New rule
    </CreateButton>
  );
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <p className="text-ink-2">What raises an alert, and after how long.</p>
        {create}
      </div>
      <Listing
        name="alert-rules"
        label="Alert rules"
        noun={['rule', 'rules']}
        columns={columns}
        list={list}
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
      {deletion.question}
      {editing.isOpen && !refused ? (
        <Suspense>
          <RuleDialog rule={editing.edited} onClose={editing.close} />
        </Suspense>
      ) : null}
    </>
  );
}
