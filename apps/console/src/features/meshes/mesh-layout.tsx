'use client';

import { useQuery } from '@tanstack/react-query';
import { ArrowUpCircle, SquareTerminal } from 'lucide-react';
import Link from 'next/link';
import { createContext, lazy, type ReactNode, Suspense, useContext } from 'react';
import { SimulatedNote } from '@/features/sandbox/simulated-note.tsx';
import { stepOfSteps } from '@/features/operations/progress.ts';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { useFlag } from '@/lib/use-flag.ts';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status, StatusIcon, Tag } from '@/ui/status.tsx';
import { LinkTabs } from '@/ui/tabs.tsx';

export type Mesh = Outputs['mesh']['get'];

const KubectlDialog = lazy(() =>
  import('./kubectl-dialog.tsx').then((m) => ({ default: m.KubectlDialog })),
);

const MeshContext = createContext<Mesh | null>(null);

/** The mesh in view. Only inside its pages. */
export function useMesh(): Mesh {
  const mesh = useContext(MeshContext);
  if (!mesh) throw new Error('useMesh is for the pages of a mesh');
  return mesh;
}

/** Why a mesh cannot be changed now: something is under way already. */
export const busyReason = (mesh: Mesh): string | undefined =>
  mesh.operation ? `“${mesh.operation.title}” is under way. Wait for it, or cancel it.` : undefined;

/** What every page of a mesh has above it: name, state, what is under way, and the tabs. */
export function MeshLayout({ meshId, children }: { meshId: string; children: ReactNode }) {
  const trpc = useTRPC();
  const refusal = useRefusal();
  const query = useQuery(trpc.mesh.get.queryOptions({ meshId }));
  const summary = useQuery(trpc.finding.summary.queryOptions({ meshId, hours: 24 })).data;
  const findings = summary && summary.error + summary.warning + summary.info;
  const [kubectl, setKubectl] = useFlag('kubectl');
  if (query.error && !query.data)
    return <ErrorState error={query.error} what="this mesh" onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton lines={8} />;
  const mesh = query.data;
  const simulated = mesh.clusters.length > 0 && mesh.clusters.every((each) => each.simulated);
  return (
    <MeshContext value={mesh}>
      <PageHeader
        title={mesh.name}
        badge={
          <>
            <Status status={mesh.status} />
            <Tag>{mesh.profile}</Tag>
            {simulated ? <Tag>simulated</Tag> : null}
          </>
        }
        lead={<span aria-live="polite">{mesh.statusMessage}</span>}
        actions={
          <>
            <CopyAs
              verb="mesh.get"
              input={{ meshId }}
              kubectl="kubectl -n istio-system get deployments,daemonsets,pods"
            />
            <Button
              icon={<SquareTerminal size={15} aria-hidden="true" />}
              onClick={() => setKubectl(true)}
            >
              Use kubectl
            </Button>
            <ButtonLink
              href={`${paths.meshSettings(meshId)}#upgrade`}
              icon={<ArrowUpCircle size={15} aria-hidden="true" />}
              disabledReason={
                refusal('mesh.write') ??
                busyReason(mesh) ??
                (mesh.upgradeTo.length === 0
                  ? 'No newer release is offered for it; see Releases.'
                  : undefined)
              }
            >
              Upgrade
            </ButtonLink>
          </>
        }
      />
      {kubectl ? (
        <Suspense>
          <KubectlDialog mesh={mesh} onClose={() => setKubectl(false)} />
        </Suspense>
      ) : null}
      {simulated ? (
        <div className="mb-4">
          <SimulatedNote
            title={
              mesh.clusters.length === 1
                ? 'The cluster of this mesh is simulated'
                : 'Every cluster of this mesh is simulated'
            }
            action={
              mesh.clusters[0] ? (
                <ButtonLink size="sm" href={paths.cluster(mesh.clusters[0].id)}>
                  Break something
                </ButtonLink>
              ) : null
            }
          />
        </div>
      ) : null}
      {mesh.operation ? <UnderWay id={mesh.operation.id} title={mesh.operation.title} /> : null}
      <LinkTabs
        label="Mesh"
        tabs={[
          { href: paths.mesh(meshId), label: 'Overview', exact: true },
          { href: paths.meshTopology(meshId), label: 'Topology' },
          { href: paths.meshServices(meshId), label: 'Services' },
          { href: paths.meshTraces(meshId), label: 'Traces' },
          { href: paths.meshOperations(meshId), label: 'Operations' },
          {
            href: paths.meshWorkloads(meshId),
            label: 'Workloads',
            count: mesh.workloads.total,
          },
          { href: paths.meshProxies(meshId), label: 'Proxies' },
          { href: paths.meshEnrolment(meshId), label: 'Enrolment' },
          { href: paths.meshWaypoints(meshId), label: 'Waypoints' },
          { href: paths.meshPolicies(meshId), label: 'Policies', count: mesh.policies },
          {
            href: paths.meshFindings(meshId),
            label: 'Findings',
            ...(findings === undefined ? {} : { count: findings }),
          },
          { href: paths.meshSettings(meshId), label: 'Settings' },
        ]}
      />
      {children}
    </MeshContext>
  );
}

function UnderWay({ id, title }: { id: string; title: string }) {
  const trpc = useTRPC();
  const operation = useQuery(trpc.operation.get.queryOptions({ operationId: id })).data;
  return (
    <Link
      href={paths.operation(id)}
      className="mb-4 flex items-start gap-2.5 rounded-lg border border-[color-mix(in_oklab,var(--busy)_35%,transparent)] bg-busy-soft px-3 py-2 hover:border-ink-3"
    >
      <span className="pt-0.5">
        <StatusIcon status={operation?.state ?? 'running'} size={15} />
      </span>
      <span className="min-w-0 grow">
        <span className="font-medium">{title}</span>{' '}
        <span className="text-ink-2">{operation ? stepOfSteps(operation) : 'is under way'}</span>
      </span>
      <span className="shrink-0 font-medium text-busy">Follow</span>
    </Link>
  );
}
