'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import { useState } from 'react';
import { busyReason, useMesh } from '@/features/meshes/mesh-layout.tsx';
import { systemReason } from '@/features/meshes/namespaces.ts';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Button } from '@/ui/button.tsx';
import { Select } from '@/ui/field.tsx';
import { Empty } from '@/ui/states.tsx';
import { Status, statusWord } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { ChangeDialog } from './change-dialog.tsx';
import { EvidenceDialog } from './evidence-dialog.tsx';
import { truthOf } from './truth.ts';
import { EnrolmentViews } from './views.tsx';

export type Subject = Outputs['enrolment']['list']['items'][number];

const levels = ['namespace', 'service', 'workload'] as const;
const levelWords = { namespace: 'Namespaces', service: 'Services', workload: 'Workloads' };
const states = ['differs', 'waiting', 'asWanted', 'optedOut', 'empty'] as const;

const keyOf = (row: Subject): string => `${row.clusterId}/${row.namespace}/${row.kind}/${row.name}`;

/** Who is in the mesh and how: what labels ask for, what pods prove, and the way to change or repair it. */
export function EnrolmentPage() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refusal = useRefusal();
  const [level, setLevel] = useQueryState(
    'level',
    parseAsStringLiteral(levels).withDefault('namespace'),
  );
  const [state, setState] = useQueryState('state', parseAsStringLiteral(states));
  const [opened, setOpened] = useQueryState('subject', parseAsString);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [changing, setChanging] = useState<Subject[] | null>(null);
  const list = useAll(
    ['enrolment', 'list'],
    { meshId: mesh.id, level, ...(state ? { state } : {}) },
    (page) => client.enrolment.list.query(page),
  );
  const summary = useQuery(
    trpc.enrolment.list.queryOptions({ meshId: mesh.id, level: 'workload', limit: 1 }),
  ).data;
  const rows = list.data?.items ?? [];
  const selected = rows.filter((row) => chosen.has(keyOf(row)));
  const cannot = refusal('mesh.write') ?? busyReason(mesh);
  const changeable = level === 'workload' ? [] : selected;
  const toggle = (row: Subject) => {
    const next = new Set(chosen);
    if (!next.delete(keyOf(row))) next.add(keyOf(row));
    setChosen(next);
  };

  return (
    <>
      <EnrolmentViews />
      <p className="mb-4 text-base" aria-live="polite">
        {summary?.sentence ?? 'Looking at what the agents told.'}
      </p>
      <Listing
        name="enrolment"
        label={levelWords[level]}
        noun={[level, `${level}s`]}
        columns={columnsOf({
          level,
          chosen,
          toggle,
          open: (row) => void setOpened(keyOf(row)),
          severalClusters: mesh.clusters.length > 1,
          meshId: mesh.id,
        })}
        list={list}
        rowKey={keyOf}
        defaultSort="name"
        toolbar={
          <>
            <Select
              aria-label="Level"
              value={level}
              onChange={(event) => {
                setChosen(new Set());
                void setLevel(event.target.value as (typeof levels)[number]);
              }}
              className="max-w-36"
            >
              {levels.map((one) => (
                <option key={one} value={one}>
                  {levelWords[one]}
                </option>
              ))}
            </Select>
            <Select
              aria-label="State"
              value={state ?? ''}
              onChange={(event) =>
                void setState((event.target.value || null) as (typeof states)[number] | null)
              }
              className="max-w-36"
            >
              <option value="">Any state</option>
              {states.map((one) => (
                <option key={one} value={one}>
                  {statusWord(one)}
                </option>
              ))}
            </Select>
            <Button
              variant="primary"
              disabledReason={
                cannot ??
                (level === 'workload'
                  ? 'A workload follows its namespace and its Services: choose one of those levels.'
                  : changeable.length === 0
                    ? `Choose at least one ${level} by its box.`
                    : undefined)
              }
              onClick={() => setChanging(changeable)}
            >
              Change{changeable.length > 0 ? ` ${count(changeable.length, level)}` : ''}
            </Button>
          </>
        }
        empty={
          <Empty title={state ? `No ${level} is in this state` : `No ${level}s are known yet`}>
            {state
              ? 'Choose another state to see more.'
              : 'They appear here once the agents of this mesh’s clusters report.'}
          </Empty>
        }
      />
      {changing ? (
        <ChangeDialog
          mesh={mesh}
          subjects={changing}
          onClose={() => {
            setChanging(null);
            setChosen(new Set());
          }}
        />
      ) : null}
      {opened ? (
        <EvidenceDialog
          mesh={mesh}
          level={level}
          subject={opened}
          cannot={cannot}
          onClose={() => void setOpened(null)}
        />
      ) : null}
    </>
  );
}

function columnsOf(given: {
  level: (typeof levels)[number];
  chosen: ReadonlySet<string>;
  toggle: (row: Subject) => void;
  open: (row: Subject) => void;
  severalClusters: boolean;
  meshId: string;
}): Column<Subject>[] {
  const { level, chosen, toggle, open } = given;
  const choice: Column<Subject> = {
    id: 'choice',
    header: '',
    width: '40px',
    value: () => null,
    cell: (row) => (
      <input
        type="checkbox"
        aria-label={`Choose ${row.kind} ${row.name}`}
        checked={chosen.has(keyOf(row))}
        disabled={Boolean(systemReason(row.namespace))}
        onChange={() => toggle(row)}
      />
    ),
  };
  return [
    {
      id: 'name',
      header: 'Name',
      value: (row) => row.name,
      cell: (row) => (
        <button
          type="button"
          className="max-w-full truncate text-left font-medium text-accent hover:underline"
          onClick={() => open(row)}
        >
          {row.name}
        </button>
      ),
    },
    ...(level === 'workload' ? [] : [choice]),
    ...(level === 'namespace'
      ? []
      : [
          {
            id: 'namespace',
            header: 'Namespace',
            hideBelow: 'sm' as const,
            value: (row: Subject) => row.namespace,
          },
        ]),
    ...(given.severalClusters
      ? [
          {
            id: 'cluster',
            header: 'Cluster',
            hideBelow: 'md' as const,
            value: (row: Subject) => row.clusterName,
          },
        ]
      : []),
    {
      id: 'wanted',
      header: 'Wanted',
      width: '100px',
      value: (row) => row.wanted,
      cell: (row) => <Status status={row.wanted} quiet />,
    },
    {
      id: 'truth',
      header: 'True',
      width: '100px',
      value: (row) => truthOf(row),
      cell: (row) => (
        <span title={row.message}>
          <Status status={truthOf(row)} quiet />
        </span>
      ),
    },
    {
      id: 'state',
      header: 'State',
      width: '140px',
      hideBelow: 'sm',
      value: (row) => statusWord(row.state),
      cell: (row) => <Status status={row.state} quiet />,
    },
    {
      id: 'pods',
      header: 'Pods',
      width: '110px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.pods.total,
      cell: (row) => `${row.pods.asWanted} of ${row.pods.total}`,
    },
    {
      id: 'waypoint',
      header: 'Waypoint',
      hideBelow: 'lg',
      value: (row) => (row.waypoint ? `${row.waypoint.namespace}/${row.waypoint.name}` : ''),
      cell: ({ clusterId, waypoint }) =>
        waypoint ? (
          <Link
            href={paths.waypoint(given.meshId, clusterId, waypoint.namespace, waypoint.name)}
            className="text-accent hover:underline"
          >
            {waypoint.namespace}/{waypoint.name}
          </Link>
        ) : (
          '–'
        ),
    },
  ];
}
