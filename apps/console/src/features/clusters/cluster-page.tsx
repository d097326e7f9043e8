'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { Conditions } from '@/ui/conditions.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { CopyButton } from '@/ui/copy.tsx';
import { Facts, Numbers, PageHeader, Section } from '@/ui/page.tsx';
import { Empty, ErrorState, Note, Skeleton } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { DataTable, TableSkeleton } from '@/ui/table/table.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { Certificates } from '@/features/certificates/certificates.tsx';
import { SandboxPanel } from '@/features/sandbox/sandbox-panel.tsx';
import { SimulatedNote } from '@/features/sandbox/simulated-note.tsx';
import { ClusterAbout } from './cluster-about.tsx';
import { ClusterActions, RenewDialog } from './cluster-actions.tsx';
import { ClusterSignals } from './cluster-signals.tsx';
import { type Cluster, clusterSentence, foreignIstioText } from './cluster-state.ts';
import { DirectObjects } from './direct-objects.tsx';
import { workloadColumns } from './workload-columns.tsx';

const nodeColumns: Column<Cluster['nodes'][number]>[] = [
  { id: 'name', header: 'Node', value: (row) => row.name },
  {
    id: 'ready',
    header: 'State',
    width: '130px',
    value: (row) => (row.ready ? 'Ready' : 'Not ready'),
    cell: (row) => <Status status={row.ready ? 'Ready' : 'Degraded'} quiet />,
  },
  { id: 'version', header: 'Kubelet', hideBelow: 'sm', value: (row) => row.version },
  { id: 'os', header: 'System', hideBelow: 'sm', value: (row) => `${row.os}/${row.arch}` },
];

const workloads = workloadColumns();

export function ClusterPage({ clusterId }: { clusterId: string }) {
  const trpc = useTRPC();
  const refusal = useRefusal();
  const [renewing, setRenewing] = useState(false);
  const query = useQuery(trpc.cluster.get.queryOptions({ clusterId }));
  const namespaces = useQuery(trpc.cluster.namespaces.queryOptions({ clusterId }));
  if (query.error && !query.data)
    return (
      <ErrorState error={query.error} what="this cluster" onRetry={() => void query.refetch()} />
    );
  if (!query.data) return <Skeleton lines={8} />;
  const cluster = query.data;
  const running = namespaces.data?.items.flatMap((each) => each.workloads) ?? [];
  const canJoin = cluster.state === 'waiting' || cluster.state === 'gone';
  return (
    <>
      <PageHeader
        title={cluster.name}
        badge={
          <>
            <Status status={cluster.state} />
            {cluster.simulated ? <Tag>simulated</Tag> : null}
          </>
        }
        lead={clusterSentence(cluster)}
        actions={
          <>
            <CopyAs verb="cluster.get" input={{ clusterId }} kubectl="kubectl get nodes -o wide" />
            <ClusterActions cluster={cluster} />
            {canJoin ? (
              <Button
                variant="primary"
                disabledReason={refusal('cluster.write')}
                onClick={() => setRenewing(true)}
              >
                New join command
              </Button>
            ) : null}
            {cluster.state === 'connected' && !cluster.mesh ? (
              <ButtonLink
                variant="primary"
                href={`${paths.meshCreate()}?cluster=${cluster.id}`}
                disabledReason={refusal('mesh.write')}
              >
                Create a mesh here
              </ButtonLink>
            ) : null}
          </>
        }
      />
      {renewing ? <RenewDialog cluster={cluster} onClose={() => setRenewing(false)} /> : null}
      <div className="flex flex-col gap-6">
        {cluster.simulated ? (
          <>
            <SimulatedNote title="This cluster is simulated" />
            <SandboxPanel clusterId={clusterId} />
          </>
        ) : null}
        {cluster.foreignIstio.length > 0 ? (
          <Note tone="warn" title="Another Istio is in this cluster">
            {foreignIstioText(cluster)} Ambit does not overwrite it: a mesh over this cluster is
            refused until that Istio and its webhooks are removed with the tool that installed them.
          </Note>
        ) : null}
        <Numbers
          items={[
            {
              label: 'Nodes ready',
              value: `${cluster.nodes.filter((node) => node.ready).length} of ${cluster.nodes.length}`,
            },
            { label: 'Namespaces', value: namespaces.data?.items.length ?? '–' },
            { label: 'Workloads', value: namespaces.data ? running.length : '–' },
            {
              label: 'Pods in a mesh',
              value: namespaces.data ? running.reduce((sum, each) => sum + each.enrolled, 0) : '–',
            },
          ]}
        />
        {cluster.mesh ? <ClusterSignals meshId={cluster.mesh.id} cluster={cluster.name} /> : null}
        <Section title="Conditions">
          <Conditions items={cluster.conditions} />
        </Section>
        <Section title="Agent and cluster">
          <Facts
            items={[
              ['Agent', cluster.agentVersion ?? 'not connected yet'],
              ['Last heard of', <Time key="s" at={cluster.lastSeenAt} />],
              ['Kubernetes', cluster.kubernetesVersion ?? '–'],
              ['Gateway API', cluster.gatewayApi ?? 'not installed'],
              [
                'Mesh',
                cluster.mesh ? (
                  <Link
                    key="m"
                    href={paths.mesh(cluster.mesh.id)}
                    className="text-accent hover:underline"
                  >
                    {cluster.mesh.name}
                  </Link>
                ) : (
                  'none'
                ),
              ],
              ['Added', <Time key="c" at={cluster.createdAt} />],
              [
                'Id',
                <span key="i" className="flex items-center gap-1">
                  <span className="truncate font-mono text-xs">{cluster.id}</span>
                  <CopyButton text={cluster.id} label="Copy cluster id" iconOnly />
                </span>,
              ],
            ]}
          />
        </Section>
        {cluster.nodes.length > 0 ? (
          <Section title="Nodes" bare>
            <DataTable
              name="nodes"
              label="Nodes"
              urlPrefix="node"
              noun={['node', 'nodes']}
              columns={nodeColumns}
              rows={cluster.nodes}
              rowKey={(row) => row.name}
              defaultSort="name"
              empty={null}
            />
          </Section>
        ) : null}
        {cluster.mesh ? (
          <ClusterAbout
            meshId={cluster.mesh.id}
            cluster={cluster}
            controlPlane={
              namespaces.data ? running.filter(({ name }) => name.startsWith('istiod')) : undefined
            }
          />
        ) : null}
        <DirectObjects cluster={cluster} />
        {cluster.mesh ? <Certificates clusterId={clusterId} /> : null}
        <Section
          title="Workloads"
          bare
          text={
            namespaces.data?.observedAt ? (
              <>
                As the agent reported them <Time at={namespaces.data.observedAt} />.
              </>
            ) : undefined
          }
        >
          {namespaces.error && !namespaces.data ? (
            <div className="card">
              <ErrorState
                error={namespaces.error}
                what="the workloads"
                onRetry={() => void namespaces.refetch()}
              />
            </div>
          ) : namespaces.data ? (
            <DataTable
              name="cluster-workloads"
              label="Workloads"
              noun={['workload', 'workloads']}
              columns={workloads}
              rows={running}
              rowKey={(row) => `${row.namespace}/${row.kind}/${row.name}`}
              defaultSort="namespace"
              empty={
                <Empty title="No workloads are reported yet">
                  {cluster.state === 'connected'
                    ? 'The agent lists Deployments, StatefulSets and DaemonSets here as soon as there are any.'
                    : 'They appear here once the agent is connected.'}
                </Empty>
              }
            />
          ) : (
            <TableSkeleton />
          )}
        </Section>
      </div>
    </>
  );
}
