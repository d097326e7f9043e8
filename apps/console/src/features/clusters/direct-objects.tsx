'use client';

import Link from 'next/link';
import { directStatus, writerWords } from '@/features/policies/direct-words.ts';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Section } from '@/ui/page.tsx';
import { Status, statusWord } from '@/ui/status.tsx';
import { DataTable } from '@/ui/table/table.tsx';
import type { Column } from '@/ui/table/types.ts';
import type { Cluster } from './cluster-state.ts';

type Direct = Outputs['direct']['listInCluster']['items'][number];

/** Istio and Gateway API objects that others applied in the cluster; nothing where there are none. */
export function DirectObjects({ cluster }: { cluster: Cluster }) {
  const client = useTRPCClient();
  const list = useAll(['direct', 'listInCluster'], { clusterId: cluster.id }, (page) =>
    client.direct.listInCluster.query(page),
  );
  const { mesh } = cluster;
  const rows = list.data?.items ?? [];
  if (rows.length === 0) return null;
  const href = (row: Direct) => (mesh ? paths.directObject(mesh.id, row.id) : undefined);
  const columns: Column<Direct>[] = [
    {
      id: 'name',
      header: 'Name',
      value: (row) => row.name,
      cell: (row) => {
        const to = href(row);
        return to ? (
          <Link href={to} className="font-medium hover:underline">
            {row.name}
          </Link>
        ) : (
          row.name
        );
      },
    },
    { id: 'kind', header: 'Kind', value: (row) => row.kind },
    { id: 'namespace', header: 'Namespace', hideBelow: 'sm', value: (row) => row.namespace },
    { id: 'writer', header: 'Applied by', hideBelow: 'sm', value: writerWords },
    {
      id: 'state',
      header: 'Status',
      width: '136px',
      hideBelow: 'md',
      value: (row) => statusWord(directStatus(row.state)),
      cell: (row) => <Status status={directStatus(row.state)} quiet />,
    },
  ];
  return (
    <Section
      title="Applied by others"
      bare
      text={
        mesh
          ? 'Istio and Gateway API objects that did not come through Ambit, which never overwrites them. Open one to adopt it into the mesh or to leave it.'
          : 'Istio and Gateway API objects that did not come through Ambit, which never overwrites them. Once the cluster is in a mesh they can be adopted.'
      }
    >
      <DataTable
        name="direct-objects"
        label="Objects applied by others"
        urlPrefix="direct"
        noun={['object', 'objects']}
        columns={columns}
        rows={rows}
        complete={list.data?.complete ?? true}
        rowKey={(row) => row.id}
        defaultSort="name"
        empty={null}
      />
    </Section>
  );
}
