'use client';

import { ShieldCheck } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Select } from '@/ui/field.tsx';
import { Empty, ErrorState } from '@/ui/states.tsx';
import { Status, statusWord } from '@/ui/status.tsx';
import { DataTable, TableSkeleton } from '@/ui/table/table.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { useQuery } from '@tanstack/react-query';
import { severities } from './counts.tsx';

type Finding = Outputs['finding']['list']['items'][number];

const states = ['open', 'suppressed', 'resolved', 'all'] as const;
type State = (typeof states)[number];
const rank = { error: 0, warning: 1, info: 2 };
const stateOf = (row: Finding) =>
  row.resolvedAt ? 'resolved' : row.suppressed ? 'suppressed' : row.severity;

/** One filter in the URL, as a choice among what there is. */
function Filter(props: {
  label: string;
  name: string;
  all: string;
  choices: readonly [value: string, word: string][];
}) {
  const [value, set] = useQueryState(props.name, parseAsString);
  const known = props.choices.some(([choice]) => choice === value);
  return (
    <Select
      aria-label={props.label}
      value={value ?? ''}
      onChange={(event) => void set(event.target.value || null)}
      className="max-w-44"
    >
      <option value="">{props.all}</option>
      {value && !known ? <option value={value}>{value}</option> : null}
      {props.choices.map(([choice, word]) => (
        <option key={choice} value={choice}>
          {word}
        </option>
      ))}
    </Select>
  );
}

const distinct = (values: Iterable<string>) =>
  [...new Set(values)]
    .filter(Boolean)
    .sort()
    .map((value): [string, string] => [value, value]);

/** Findings of one mesh, or of all; what is shown stands in the URL. */
export function FindingList({ meshId }: { meshId?: string }) {
  const client = useTRPCClient();
  const trpc = useTRPC();
  const [stateText] = useQueryState('state', parseAsString);
  const [severity] = useQueryState('severity', parseAsString);
  const [namespace] = useQueryState('namespace', parseAsString);
  const [code] = useQueryState('code', parseAsString);
  const [inMesh] = useQueryState('mesh', parseAsString);
  const state: State = states.find((each) => each === stateText) ?? 'open';
  const meshes = useQuery({ ...trpc.mesh.list.queryOptions({ limit: 500 }), enabled: !meshId });
  const meshName = new Map(meshes.data?.items.map((mesh) => [mesh.id, mesh.name]));
  const input = { state, ...(meshId ? { meshId } : {}) };
  const list = useAll(['finding', 'list'], input, (page) => client.finding.list.query(page));
  const items = list.data?.items ?? [];
  const rows = items.filter(
    (row) =>
      (!severity || row.severity === severity) &&
      (!namespace || row.namespace === namespace) &&
      (!code || row.code === code) &&
      (!inMesh || row.meshId === inMesh),
  );
  const href = (row: Finding) => paths.finding(row.meshId, row.id);
  const columns: Column<Finding>[] = [
    {
      id: 'severity',
      header: 'Severity',
      width: '116px',
      value: (row) => rank[row.severity],
      cell: (row) => <Status status={stateOf(row)} quiet />,
    },
    {
      id: 'message',
      header: 'Finding',
      wrap: true,
      value: (row) => `${row.code} ${row.message} ${row.resource}`,
      cell: (row) => (
        <Link href={href(row)} className="block min-w-0 hover:underline">
          <span className="font-medium">{row.message}</span>
          <span className="block truncate text-xs text-ink-3">
            {row.code} · {row.resource}
          </span>
        </Link>
      ),
    },
    {
      id: 'namespace',
      header: 'Namespace',
      width: '128px',
      hideBelow: 'md',
      value: (row) => row.namespace,
    },
    ...(meshId
      ? []
      : [
          {
            id: 'mesh',
            header: 'Mesh',
            width: '120px',
            hideBelow: 'md' as const,
            value: (row: Finding) => meshName.get(row.meshId) ?? row.meshId,
          },
        ]),
    {
      id: 'cluster',
      header: 'Cluster',
      width: '110px',
      hideBelow: 'xl',
      value: (row) => row.clusterName,
    },
    {
      id: 'since',
      header: state === 'resolved' ? 'Resolved' : 'Since',
      width: '100px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => (state === 'resolved' ? row.resolvedAt : row.firstSeen),
      cell: (row) => <Time at={state === 'resolved' ? row.resolvedAt : row.firstSeen} />,
    },
    { id: 'code', header: 'Code', extra: true, value: (row) => row.code },
    { id: 'kind', header: 'Kind', extra: true, value: (row) => row.kind },
    { id: 'path', header: 'Path', extra: true, value: (row) => row.path },
    { id: 'id', header: 'Id', extra: true, value: (row) => row.id },
  ];
  if (list.error && !list.data)
    return (
      <div className="card">
        <ErrorState error={list.error} what="the findings" onRetry={() => void list.refetch()} />
      </div>
    );
  if (!list.data) return <TableSkeleton />;
  const filters = (
    <>
      <Filter
        label="State"
        name="state"
        all="Open"
        choices={[
          ['suppressed', 'Suppressed'],
          ['resolved', 'Resolved'],
          ['all', 'All'],
        ]}
      />
      <Filter
        label="Severity"
        name="severity"
        all="Any severity"
        choices={severities.map((each) => [each, statusWord(each)])}
      />
      <Filter
        label="Namespace"
        name="namespace"
        all="Any namespace"
        choices={distinct(items.map((row) => row.namespace))}
      />
      <Filter
        label="Rule"
        name="code"
        all="Any rule"
        choices={distinct(items.map((row) => row.code))}
      />
      {meshId ? null : (
        <Filter
          label="Mesh"
          name="mesh"
          all="Any mesh"
          choices={(meshes.data?.items ?? []).map((mesh) => [mesh.id, mesh.name])}
        />
      )}
    </>
  );
  return (
    <div className="flex flex-col gap-3">
      <div role="group" aria-label="Filters" className="flex flex-wrap gap-2">
        {filters}
      </div>
      <DataTable
        name="findings"
        label="Findings"
        noun={['finding', 'findings']}
        columns={columns}
        rows={rows}
        complete={list.data.complete}
        rowKey={(row) => row.id}
        href={href}
        defaultSort="severity"
        empty={
          <Empty
            icon={<ShieldCheck size={18} aria-hidden="true" />}
            title={state === 'open' && items.length === 0 ? 'Nothing is wrong' : 'None of these'}
            command="npx ambit analyze routes.yaml"
          >
            {items.length > 0
              ? 'No finding fits the filters.'
              : state === 'open'
                ? 'Every change is diagnosed a moment after it was made. Files can be checked before that.'
                : 'There is none in this state.'}
          </Empty>
        }
      />
    </div>
  );
}
