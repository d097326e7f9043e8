'use client';

import { BookOpen } from 'lucide-react';
import Link from 'next/link';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { CopyAs } from '@/ui/copy-as.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { Empty, ErrorState } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { DataTable, TableSkeleton } from '@/ui/table/table.tsx';
import type { Column } from '@/ui/table/types.ts';
import { kindsText } from './kinds.ts';

type Rule = Outputs['rule']['list']['items'][number];

const sources = { istio: 'Istio', kiali: 'Kiali', ambit: 'Ambit' };

export function RulesPage() {
  const client = useTRPCClient();
  const list = useAll(['rule', 'list'], {}, (page) => client.rule.list.query(page));
  const href = (row: Rule) => paths.rule(row.code);
  const columns: Column<Rule>[] = [
    {
      id: 'code',
      header: 'Code',
      width: '96px',
      value: (row) => row.code,
      cell: (row) => (
        <Link href={href(row)} className="font-mono text-xs hover:underline">
          {row.code}
        </Link>
      ),
    },
    {
      id: 'title',
      header: 'What it finds',
      wrap: true,
      value: (row) => row.title,
      cell: (row) => <span className="font-medium">{row.title}</span>,
    },
    {
      id: 'severity',
      header: 'Severity',
      width: '112px',
      hideBelow: 'sm',
      value: (row) => row.severity,
      cell: (row) => <Status status={row.severity} quiet />,
    },
    {
      id: 'kinds',
      header: 'Looks at',
      hideBelow: 'lg',
      value: (row) => kindsText([...row.kinds]),
    },
    {
      id: 'source',
      header: 'From',
      width: '90px',
      hideBelow: 'md',
      value: (row) => sources[row.source],
    },
    { id: 'id', header: 'Id', extra: true, value: (row) => row.id },
  ];
  return (
    <>
      <PageHeader
        title="Rules"
        lead="Everything the diagnosis looks for: Istio’s own analysis, Kiali’s validations, and what neither checks."
        actions={<CopyAs verb="rule.list" input={{}} />}
      />
      {list.error && !list.data ? (
        <div className="card">
          <ErrorState error={list.error} what="the rules" onRetry={() => void list.refetch()} />
        </div>
      ) : list.data ? (
        <DataTable
          name="rules"
          label="Rules"
          noun={['rule', 'rules']}
          columns={columns}
          rows={list.data.items}
          complete={list.data.complete}
          rowKey={(row) => row.id}
          href={href}
          defaultSort="code"
          empty={<Empty icon={<BookOpen size={18} aria-hidden="true" />} title="No rules" />}
        />
      ) : (
        <TableSkeleton />
      )}
    </>
  );
}
