'use client';

import { lazy, Suspense } from 'react';
import { Server } from 'lucide-react';
import Link from 'next/link';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useSetup } from '@/lib/setup.ts';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useFlag } from '@/lib/use-flag.ts';
import { CreateButton } from '@/ui/create-button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { Empty } from '@/ui/states.tsx';
import { Status, statusWord, Tag } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { type Cluster } from './cluster-state.ts';

const JoinDialog = lazy(() => import('./join-dialog.tsx').then((m) => ({ default: m.JoinDialog })));

const columns: Column<Cluster>[] = [
  {
    id: 'name',
    header: 'Name',
    value: (row) => row.name,
    cell: (row) => (
      <span className="flex flex-wrap items-center gap-x-2">
        <Link href={paths.cluster(row.id)} className="font-medium hover:underline">
          {row.name}
        </Link>
        {row.simulated ? <Tag>simulated</Tag> : null}
      </span>
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: '130px',
    value: (row) => statusWord(row.state),
    cell: (row) => <Status status={row.state} quiet />,
  },
  {
    id: 'mesh',
    header: 'Mesh',
    hideBelow: 'sm',
    value: (row) => row.mesh?.name ?? null,
    cell: (row) =>
      row.mesh ? (
        <Link href={paths.mesh(row.mesh.id)} className="hover:underline">
          {row.mesh.name}
        </Link>
      ) : (
        <span className="text-ink-3">–</span>
      ),
  },
  {
    id: 'kubernetes',
    header: 'Kubernetes',
    width: '120px',
    hideBelow: 'md',
    value: (row) => row.kubernetesVersion,
  },
  {
    id: 'nodes',
    header: 'Nodes ready',
    width: '112px',
    align: 'right',
    hideBelow: 'md',
    value: (row) => row.nodes.filter((node) => node.ready).length,
    cell: (row) =>
      row.nodes.length
        ? `${row.nodes.filter((node) => node.ready).length} of ${row.nodes.length}`
        : '–',
  },
  {
    id: 'agent',
    header: 'Agent',
    width: '104px',
    hideBelow: 'lg',
    value: (row) => row.agentVersion,
  },
  {
    id: 'seen',
    header: 'Last heard of',
    width: '124px',
    align: 'right',
    value: (row) => row.lastSeenAt,
    cell: (row) => <Time at={row.lastSeenAt} />,
  },
  { id: 'id', header: 'Id', extra: true, value: (row) => row.id },
];

export function ClusterList() {
  const client = useTRPCClient();
  const refusal = useRefusal();
  const setup = useSetup();
  const [joining, setJoining] = useFlag('join');
  const list = useAll(['cluster', 'list'], {}, (page) => client.cluster.list.query(page));
  const cannot = refusal('cluster.write');
  const joinButton = (
    <CreateButton refused={cannot} onClick={() => setJoining(true)}>
      Join cluster
    </CreateButton>
  );
  return (
    <>
      <PageHeader
        title="Clusters"
        lead="Kubernetes clusters with an agent of Ambit in them."
        actions={
          <>
            <CopyAs verb="cluster.list" input={{}} />
            {joinButton}
          </>
        }
      />
      <Listing
        name="clusters"
        label="Clusters"
        noun={['cluster', 'clusters']}
        columns={columns}
        list={list}
        rowKey={(row) => row.id}
        href={(row) => paths.cluster(row.id)}
        defaultSort="name"
        empty={
          <Empty
            icon={<Server size={18} aria-hidden="true" />}
            title="No cluster has joined yet"
            action={joinButton}
            command="npx ambit cluster join --name prod-eu"
          >
            Joining takes one command. It installs an agent that connects outwards, so the cluster
            needs no open port.
            {setup.data?.lab.available ? (
              <>
                {' '}
                No cluster at hand? <code className="font-mono">{setup.data.lab.command}</code>{' '}
                starts a real one on this machine.
              </>
            ) : null}
          </Empty>
        }
      />
      {joining && !cannot ? (
        <Suspense>
          <JoinDialog open onOpenChange={setJoining} />
        </Suspense>
      ) : null}
    </>
  );
}
