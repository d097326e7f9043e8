'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { Certificates } from '@/features/certificates/certificates.tsx';
import { countsInWords } from '@/features/findings/counts.tsx';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { CopyButton } from '@/ui/copy.tsx';
import { Conditions } from '@/ui/conditions.tsx';
import { Facts, Numbers, Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { Bundles } from './bundles.tsx';
import { NextStep } from './next-step.tsx';
import { useMesh } from './mesh-layout.tsx';

export function MeshOverview() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const objects = useQuery(trpc.mesh.objects.queryOptions({ meshId: mesh.id }));
  const projects = useQuery(trpc.project.list.queryOptions({ limit: 200 })).data?.items;
  const summary = useQuery(trpc.finding.summary.queryOptions({ meshId: mesh.id, hours: 24 })).data;
  const items = objects.data?.items ?? [];
  const sum = (of: (item: (typeof items)[number]) => number) =>
    items.reduce((total, item) => total + of(item), 0);
  return (
    <div className="flex flex-col gap-6">
      <NextStep mesh={mesh} />
      <Section title="Conditions">
        <Conditions items={mesh.conditions} />
      </Section>
      <Numbers
        items={[
          {
            label: 'Clusters connected',
            value: `${mesh.clusters.filter((each) => each.state === 'connected').length} of ${mesh.clusters.length}`,
          },
          {
            label: 'Workloads enrolled',
            value: `${mesh.workloads.enrolled} of ${mesh.workloads.total}`,
          },
          { label: 'Policies', value: mesh.policies },
          {
            label: 'Objects applied',
            value: objects.data
              ? `${sum((item) => item.objects.applied)} of ${sum((item) => item.objects.total)}`
              : '–',
          },
          { label: 'Drift', value: objects.data ? sum((item) => item.drift.length) : '–' },
          {
            label: 'Findings',
            value: summary ? (
              <Link href={paths.meshFindings(mesh.id)} className="hover:underline">
                {summary.error + summary.warning}
              </Link>
            ) : (
              '–'
            ),
            note: summary ? countsInWords(summary) : undefined,
          },
        ]}
      />
      <Section title="Clusters" bare>
        <ul className="card divide-y divide-line">
          {mesh.clusters.map((cluster) => (
            <li key={cluster.id} className="flex items-center gap-4 px-4 py-2.5">
              <Link
                href={paths.cluster(cluster.id)}
                className="min-w-0 grow truncate font-medium hover:underline"
              >
                {cluster.name}
              </Link>
              <Status status={cluster.state} quiet />
            </li>
          ))}
        </ul>
      </Section>
      <Certificates meshId={mesh.id} />
      <Section
        title="Objects"
        bare
        text="What the agents keep applied in each cluster, bundle by bundle."
      >
        {objects.error && !objects.data ? (
          <div className="card">
            <ErrorState
              error={objects.error}
              what="the objects"
              onRetry={() => void objects.refetch()}
            />
          </div>
        ) : objects.data ? (
          <Bundles items={items} />
        ) : (
          <div className="card p-4">
            <Skeleton lines={4} />
          </div>
        )}
      </Section>
      <Section title="About">
        <Facts
          items={[
            [
              'Release',
              mesh.activeRelease === mesh.release || !mesh.activeRelease
                ? mesh.release
                : `${mesh.activeRelease}, wanted ${mesh.release}`,
            ],
            ['Profile', mesh.profile],
            [
              'Project',
              projects?.find((project) => project.id === mesh.projectId)?.name ?? mesh.projectId,
            ],
            ['Mutual TLS', mesh.options.mtls],
            ['Trust domain', mesh.options.trustDomain],
            ['Created', <Time key="c" at={mesh.createdAt} />],
            [
              'Id',
              <span key="i" className="flex items-center gap-1">
                <span className="truncate font-mono text-xs">{mesh.id}</span>
                <CopyButton text={mesh.id} label="Copy mesh id" iconOnly />
              </span>,
            ],
          ]}
        />
      </Section>
    </div>
  );
}
