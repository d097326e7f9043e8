'use client';

import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { workloadColumns } from '@/features/clusters/workload-columns.tsx';
import { ChangeDialog } from '@/features/enrolment/change-dialog.tsx';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Button } from '@/ui/button.tsx';
import { Section } from '@/ui/page.tsx';
import { Empty, ErrorState } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { DataTable, TableSkeleton } from '@/ui/table/table.tsx';
import type { Column } from '@/ui/table/types.ts';
import { busyReason, useMesh } from './mesh-layout.tsx';
import { type NamespaceRow, namespaceRows, systemReason } from './namespaces.ts';

type Workload = Outputs['mesh']['workloads']['items'][number];

const dataOf = <T,>(results: { data: T | undefined }[]): (T | undefined)[] =>
  results.map((result) => result.data);

const columns: Column<Workload>[] = [
  ...workloadColumns<Workload>(),
  { id: 'cluster', header: 'Cluster', hideBelow: 'lg', value: (row) => row.clusterName },
];

export function MeshWorkloads() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refusal = useRefusal();
  const [enrolling, setEnrolling] = useState<{ row: NamespaceRow; out: boolean } | null>(null);
  const workloads = useAll(['mesh', 'workloads'], { meshId: mesh.id }, (page) =>
    client.mesh.workloads.query(page),
  );
  const namespaces = useQueries({
    queries: mesh.clusters.map((cluster) =>
      trpc.cluster.namespaces.queryOptions({ clusterId: cluster.id }),
    ),
    combine: dataOf,
  });
  const rows = useMemo(
    () =>
      namespaceRows(
        mesh.clusters.map((cluster, i) => ({ ...cluster, namespaces: namespaces[i] })),
        workloads.data?.items ?? [],
      ),
    [namespaces, workloads.data, mesh.clusters],
  );
  const cannot = refusal('mesh.write') ?? busyReason(mesh);
  const severalClusters = mesh.clusters.length > 1;

  const namespaceColumns: Column<NamespaceRow>[] = [
    {
      id: 'namespace',
      header: 'Namespace',
      value: (row) => row.namespace,
      cell: (row) => <span className="font-medium">{row.namespace}</span>,
    },
    ...(severalClusters
      ? [
          {
            id: 'cluster',
            header: 'Cluster',
            hideBelow: 'md' as const,
            value: (row: NamespaceRow) => row.clusterName,
          },
        ]
      : []),
    {
      id: 'mode',
      header: 'Enrolment',
      width: '116px',
      value: (row) => row.mode,
      cell: (row) => <Status status={row.mode} quiet />,
    },
    {
      id: 'wanted',
      header: 'Wanted',
      width: '104px',
      hideBelow: 'md',
      value: (row) => row.wanted ?? 'none',
    },
    {
      id: 'workloads',
      header: 'Workloads',
      width: '100px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.workloads.length,
    },
    {
      id: 'enrolled',
      header: 'Pods enrolled',
      width: '120px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.enrolled,
      cell: (row) => `${row.enrolled} of ${row.pods}`,
    },
    {
      id: 'actions',
      header: '',
      width: '108px',
      align: 'right',
      value: () => null,
      cell: (row) => {
        const isIn = (row.wanted && row.wanted !== 'none') || row.enrolled > 0;
        return (
          <Button
            size="sm"
            aria-label={`${isIn ? 'Take out' : 'Enrol'} ${row.namespace}`}
            disabledReason={systemReason(row.namespace) ?? cannot}
            onClick={() => setEnrolling({ row, out: Boolean(isIn) })}
          >
            {isIn ? 'Take out' : 'Enrol'}
          </Button>
        );
      },
    },
  ];

  if (workloads.error && !workloads.data)
    return (
      <div className="card">
        <ErrorState
          error={workloads.error}
          what="the workloads"
          onRetry={() => void workloads.refetch()}
        />
      </div>
    );
  if (!workloads.data) return <TableSkeleton />;
  return (
    <div className="flex flex-col gap-6">
      <Section
        title="Namespaces"
        bare
        text="A namespace is enrolled or taken out as a whole; its workloads follow."
      >
        <DataTable
          name="namespaces"
          label="Namespaces"
          urlPrefix="ns"
          noun={['namespace', 'namespaces']}
          columns={namespaceColumns}
          rows={rows}
          rowKey={(row) => `${row.clusterId}/${row.namespace}`}
          defaultSort="namespace"
          empty={
            <Empty title="No namespaces are reported yet">
              They appear here once the agents of this mesh’s clusters report.
            </Empty>
          }
        />
      </Section>
      <Section title="Workloads" bare>
        <DataTable
          name="workloads"
          label="Workloads"
          noun={['workload', 'workloads']}
          columns={columns}
          rows={workloads.data.items}
          complete={workloads.data.complete}
          rowKey={(row) => `${row.clusterId}/${row.namespace}/${row.kind}/${row.name}`}
          defaultSort="namespace"
          empty={
            <Empty title="No workloads yet">
              Deployments, StatefulSets and DaemonSets of this mesh’s clusters are listed here as
              their agents report them.
            </Empty>
          }
        />
      </Section>
      {enrolling ? (
        <ChangeDialog
          mesh={mesh}
          subjects={[
            {
              clusterId: enrolling.row.clusterId,
              namespace: enrolling.row.namespace,
              name: enrolling.row.namespace,
              level: 'namespace',
            },
          ]}
          mode={enrolling.out ? 'none' : undefined}
          onClose={() => setEnrolling(null)}
        />
      ) : null}
    </div>
  );
}
