'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { countsInWords } from '@/features/findings/counts.tsx';
import { OperationLine } from '@/features/operations/operation-line.tsx';
import { paths } from '@/lib/paths.ts';
import { useMe, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useEverySecond } from '@/lib/use-now.ts';
import { Numbers, PageHeader, Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status, StatusIcon, statusWord } from '@/ui/status.tsx';
import { FirstSteps } from './first-steps.tsx';
import { attentionOf } from './attention.ts';
import { homeSentence } from './summary.ts';
import { askUnwell, meshesToAsk } from './unwell.ts';

const thisMinute = () => Math.floor(Date.now() / 60_000) * 60_000;

export function HomePage() {
  const me = useMe();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const meshes = useAll(['mesh', 'list'], {}, (page) => client.mesh.list.query(page));
  const clusters = useAll(['cluster', 'list'], {}, (page) => client.cluster.list.query(page));
  const operations = useQuery(trpc.operation.list.queryOptions({ limit: 8 }));
  const running = useQuery(trpc.operation.list.queryOptions({ unfinished: true, limit: 20 }));
  const summary = useQuery(trpc.finding.summary.queryOptions({ hours: 24 })).data;
  const alerts = useQuery(trpc.alert.list.queryOptions({ state: 'firing', limit: 100 })).data;
  const certificates = useQuery(
    trpc.certificate.list.queryOptions({ state: 'soon', limit: 10 }),
  ).data;
  const objectives = useQuery(trpc.objective.list.queryOptions({ limit: 200 })).data;
  const nowMs = useEverySecond(thisMinute, 0);
  const mayReadTokens = useRefusal()('token.read') === undefined;
  const tokens = useAll(['token', 'list'], {}, (page) => client.token.list.query(page), {
    enabled: mayReadTokens,
  }).data;
  const asked = meshesToAsk(meshes.data?.items ?? []);
  const unwell = useQuery({
    queryKey: [['service', 'list'], { input: { asked, health: 'unwell' }, type: 'each' }],
    queryFn: () =>
      askUnwell(asked, (meshId) =>
        client.service.list.query({ meshId, health: 'unwell', kept: true, limit: 5 }),
      ),
    enabled: asked.length > 0,
    staleTime: 60_000,
  }).data;
  const error = meshes.error ?? clusters.error;
  if (error && !(meshes.data && clusters.data))
    return (
      <ErrorState
        error={error}
        what="the start page"
        onRetry={() => {
          void meshes.refetch();
          void clusters.refetch();
        }}
      />
    );
  if (!meshes.data || !clusters.data) return <Skeleton lines={8} />;
  const allMeshes = meshes.data.items;
  const allClusters = clusters.data.items;
  const connected = allClusters.filter((each) => each.state === 'connected');
  const enrolled = allMeshes.reduce((sum, mesh) => sum + mesh.workloads.enrolled, 0);
  const total = allMeshes.reduce((sum, mesh) => sum + mesh.workloads.total, 0);
  const attention = allClusters.filter((each) => each.state !== 'connected');
  const facts = {
    alerts: alerts?.items ?? [],
    objectives: objectives?.items ?? [],
    meshes: allMeshes,
    clusters: allClusters,
    findings: summary?.meshes ?? [],
    certificates: certificates?.items ?? [],
    operations: (operations.data?.items ?? []).filter(
      (each, at, all) => all.findIndex(({ target }) => target.id === each.target.id) === at,
    ),
    tokens: tokens?.items ?? [],
    unwell: unwell ?? [],
  };
  const needs = attentionOf(facts, nowMs);
  const isNew = connected.length === 0 || allMeshes.length === 0 || enrolled === 0;
  return (
    <>
      <PageHeader
        title={me.organisation.name}
        lead={homeSentence({
          meshes: allMeshes,
          clusters: allClusters,
          running: running.data?.items.length ?? 0,
        })}
      />
      <div className="flex flex-col gap-6">
        {isNew ? (
          <FirstSteps
            clusters={allClusters.length}
            connected={connected.length}
            meshId={allMeshes[0]?.id ?? null}
            enrolled={enrolled}
          />
        ) : null}
        {needs.length > 0 ? (
          <Section title="Needs attention now" bare>
            <ul className="card divide-y divide-line">
              {needs.map((each) => (
                <li key={each.key}>
                  <Link
                    href={each.href}
                    className="flex items-start gap-3 px-4 py-2 hover:bg-hover"
                  >
                    <span className="pt-0.5">
                      <StatusIcon status={each.status} size={16} />
                    </span>
                    <span className="min-w-0 grow break-words">{each.text}</span>
                    <span className="shrink-0 text-xs text-ink-3">{statusWord(each.status)}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </Section>
        ) : null}
        {allClusters.length > 0 ? (
          <Numbers
            items={[
              { label: 'Meshes', value: allMeshes.length },
              {
                label: 'Clusters connected',
                value: `${connected.length} of ${allClusters.length}`,
              },
              { label: 'Workloads enrolled', value: `${enrolled} of ${total}` },
              {
                label: 'Findings',
                value: summary ? (
                  <Link href={paths.findings()} className="hover:underline">
                    {summary.error + summary.warning}
                  </Link>
                ) : (
                  '–'
                ),
                note: summary ? countsInWords(summary) : undefined,
              },
              {
                label: 'Policies',
                value: allMeshes.reduce((sum, mesh) => sum + mesh.policies, 0),
              },
            ]}
          />
        ) : null}
        <div className="grid items-start gap-6 lg:grid-cols-2">
          {allMeshes.length > 0 ? (
            <Section title="Meshes" bare>
              <ul className="card divide-y divide-line">
                {allMeshes.slice(0, 8).map((mesh) => (
                  <li key={mesh.id}>
                    <Link
                      href={paths.mesh(mesh.id)}
                      className="flex items-start gap-3 px-4 py-2.5 hover:bg-hover"
                    >
                      <span className="pt-0.5">
                        <StatusIcon status={mesh.status} size={16} />
                      </span>
                      <span className="min-w-0 grow">
                        <span className="flex items-baseline gap-2">
                          <span className="truncate font-medium">{mesh.name}</span>
                          <span className="tnum shrink-0 text-xs text-ink-3">
                            {mesh.activeRelease ?? mesh.release}
                          </span>
                        </span>
                        <span className="line-clamp-2 text-ink-2">{mesh.statusMessage}</span>
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            </Section>
          ) : null}
          {attention.length > 0 ? (
            <Section title="Clusters to look at" bare>
              <ul className="card divide-y divide-line">
                {attention.slice(0, 8).map((cluster) => (
                  <li key={cluster.id}>
                    <Link
                      href={paths.cluster(cluster.id)}
                      className="flex items-center gap-4 px-4 py-2.5 hover:bg-hover"
                    >
                      <span className="min-w-0 grow truncate font-medium">{cluster.name}</span>
                      <Status status={cluster.state} quiet />
                    </Link>
                  </li>
                ))}
              </ul>
            </Section>
          ) : null}
          {operations.data && operations.data.items.length > 0 ? (
            <Section title="Operations" bare>
              <ul className="card divide-y divide-line overflow-hidden">
                {operations.data.items.map((operation) => (
                  <li key={operation.id}>
                    <OperationLine operation={operation} />
                  </li>
                ))}
              </ul>
            </Section>
          ) : null}
        </div>
      </div>
    </>
  );
}
