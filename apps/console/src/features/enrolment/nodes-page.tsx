'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { busyReason, useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Empty, ErrorNote, Note } from '@/ui/states.tsx';
import { StatusIcon } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { EnrolmentViews } from './views.tsx';

type Node = Outputs['ambient']['nodes']['items'][number];
type Agent = NonNullable<Node['ztunnel']>;

/** Health of ztunnel and istio-cni on each node, and the restart that mends one that is not ready. */
export function NodesPage() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const router = useRouter();
  const refusal = useRefusal();
  const input = { meshId: mesh.id };
  const query = useQuery(trpc.ambient.nodes.queryOptions(input));
  const repair = useMutation(
    trpc.enrolment.repair.mutationOptions({
      onSuccess: ({ operation }) => router.push(paths.operation(operation.id)),
    }),
  );
  const cannot = refusal('mesh.write') ?? busyReason(mesh);
  return (
    <>
      <EnrolmentViews />
      <p className="mb-4 text-base" aria-live="polite">
        {query.data?.sentence ?? 'Looking at what the agents told.'}
      </p>
      {query.data && query.data.silent.length > 0 ? (
        <div className="mb-4">
          <Note tone="warn" title="Nothing is known yet of some clusters">
            {query.data.silent.join(', ')}
          </Note>
        </div>
      ) : null}
      <ErrorNote error={repair.error} />
      <Listing
        name="ambient-nodes"
        label="Nodes"
        noun={['node', 'nodes']}
        columns={columnsOf({
          severalClusters: mesh.clusters.length > 1,
          cannot,
          busy: repair.isPending,
          restart: (node, { namespace, pod }) =>
            repair.mutate({ meshId: mesh.id, clusterId: node.clusterId, namespace, pod }),
        })}
        list={query}
        rowKey={({ clusterId, node }) => `${clusterId}/${node}`}
        defaultSort="node"
        toolbar={<CopyAs verb="ambient.nodes" input={input} />}
        empty={
          <Empty title="No nodes are known yet">
            They appear here once the agents of this mesh’s clusters report.
          </Empty>
        }
      />
    </>
  );
}

function columnsOf(given: {
  severalClusters: boolean;
  cannot: string | undefined;
  busy: boolean;
  restart: (node: Node, agent: Agent) => void;
}): Column<Node>[] {
  return [
    {
      id: 'node',
      header: 'Node',
      width: '30%',
      wrap: true,
      value: (row) => row.node,
      cell: (row) => <span className="font-medium break-all">{row.node}</span>,
    },
    ...(given.severalClusters
      ? [
          {
            id: 'cluster',
            header: 'Cluster',
            hideBelow: 'lg' as const,
            value: (row: Node) => row.clusterName,
          },
        ]
      : []),
    {
      id: 'state',
      header: 'State',
      wrap: true,
      value: (row) => row.message,
      cell: (row) => (
        <span className="flex flex-col items-start gap-1">
          <span className="flex items-start gap-1.5">
            <span className="mt-0.5">
              <StatusIcon status={looks[row.state]} />
            </span>
            <span>
              <span className="sr-only">{words[row.state]}: </span>
              {row.message}
            </span>
          </span>
          <Restart {...given} node={row} />
        </span>
      ),
    },
    {
      id: 'ztunnel',
      header: 'ztunnel',
      hideBelow: 'sm',
      wrap: true,
      value: (row) => row.ztunnel?.version ?? '',
      cell: (row) => <AgentOf agent={row.ztunnel} />,
    },
    {
      id: 'cni',
      header: 'istio-cni',
      hideBelow: 'sm',
      wrap: true,
      value: (row) => row.cni?.version ?? '',
      cell: (row) => <AgentOf agent={row.cni} />,
    },
    {
      id: 'pods',
      header: 'Pods carried',
      width: '120px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.pods.redirected,
      cell: (row) =>
        row.pods.carried === null
          ? `${row.pods.redirected}, not told`
          : `${row.pods.carried} of ${row.pods.redirected}`,
    },
  ];
}

const looks: Record<Node['state'], string> = {
  ok: 'ok',
  lacks: 'error',
  notReady: 'error',
  nodeNotReady: 'warning',
  notNeeded: 'none',
};
const words: Record<Node['state'], string> = {
  ok: 'OK',
  lacks: 'Lacks one',
  notReady: 'Not ready',
  nodeNotReady: 'Node not ready',
  notNeeded: 'Not needed',
};

function Restart(props: {
  node: Node;
  cannot: string | undefined;
  busy: boolean;
  restart: (node: Node, agent: Agent) => void;
}) {
  const { node, cannot, busy, restart } = props;
  const agent = node.repair === 'cni' ? node.cni : node.repair === 'ztunnel' ? node.ztunnel : null;
  if (!agent) return null;
  return (
    <Button size="sm" busy={busy} disabledReason={cannot} onClick={() => restart(node, agent)}>
      Restart {node.repair === 'cni' ? 'istio-cni' : 'ztunnel'}
    </Button>
  );
}

function AgentOf({ agent }: { agent: Agent | null }) {
  if (!agent) return <span className="text-ink-3">none</span>;
  return (
    <span className="flex flex-col items-start">
      <span className="inline-flex items-center gap-1.5 text-sm">
        <StatusIcon status={agent.ready ? 'ok' : 'error'} />
        {agent.ready ? 'Ready' : 'Not ready'}
      </span>
      <span className="text-xs break-words text-ink-3">
        {[
          agent.version,
          agent.restarts > 0 ? `restarted ${agent.restarts} times` : '',
          agent.problem,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </span>
  );
}
