'use client';

import { parseNodeId } from '@ambit/topology/node-id';
import { idPart } from '@ambit/topology/text';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import type { ReactNode } from 'react';
import { ObjectiveState } from '@/features/objectives/budget.tsx';
import { promiseOf } from '@/features/objectives/words.ts';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { msText, rateText, shareText } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { sentenceOf } from './sentence.ts';
import { GoldenSignals } from './signals.tsx';

const spans = ['1h', '6h', '24h', '72h'] as const;
type Top = Outputs['topology']['signals']['top'][number];

interface Props {
  kind: 'service' | 'workload';
  namespace: string;
  name: string;
  /** What only this kind of page has. */
  children?: ReactNode;
}

/** What is asked of a service or a workload, and what it asks: how it is, its signals, and what belongs to it. */
export function SubjectPage({ kind, namespace, name, children }: Props) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [cluster, setCluster] = useQueryState(
    'cluster',
    parseAsString.withDefault(mesh.clusters[0]?.name ?? ''),
  );
  const [span, setSpan] = useQueryState('span', parseAsStringLiteral(spans).withDefault('1h'));
  const subject = `${kind}:${[cluster, namespace, name].map(idPart).join('/')}`;
  const hours = Number.parseInt(span, 10);
  const query = useQuery({
    queryKey: [
      ['topology', 'signals'],
      { input: { meshId: mesh.id, subject, span }, type: 'span' },
    ],
    queryFn: () =>
      client.topology.signals.query({
        meshId: mesh.id,
        subject,
        from: new Date(Date.now() - hours * 3_600_000).toISOString(),
      }),
    // Half a step of what is shown: between two steps nothing comes.
    refetchInterval: ({ state }) => Math.max(15, (state.data?.stepS ?? 0) / 2) * 1_000,
    placeholderData: keepPreviousData,
  });
  const objectives = useQuery(
    trpc.objective.list.queryOptions({ meshId: mesh.id, namespace, subject: name }),
  ).data?.items;
  const findings = useQuery(
    trpc.finding.list.queryOptions({ meshId: mesh.id, namespace, limit: 20 }),
  ).data?.items;
  const policies = useQuery(
    trpc.policy.list.queryOptions({ meshId: mesh.id, namespace, limit: 50 }),
  ).data?.items;
  const changes = useQuery(
    trpc.mesh.changes.queryOptions({ meshId: mesh.id, namespace, limit: 10 }),
  ).data?.items;
  const how = query.data ? sentenceOf(query.data.inbound, query.data.sources) : null;
  const focus = new URLSearchParams({
    focus: subject,
    ...(kind === 'service' ? { group: 'service' } : {}),
  });
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 className="flex flex-wrap items-center gap-x-3 text-lg font-semibold">
            <span className="break-all">
              {namespace}/{name}
            </span>
            {how ? <Status status={how.status} /> : null}
          </h2>
          <p className="text-ink-2" aria-live="polite">
            {how?.text ?? 'Reading its signals…'}
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {mesh.clusters.length > 1 ? (
            <Select
              aria-label="Cluster"
              className="max-w-40"
              value={cluster}
              onChange={(event) => void setCluster(event.target.value)}
            >
              {mesh.clusters.map((each) => (
                <option key={each.id}>{each.name}</option>
              ))}
            </Select>
          ) : null}
          <Select
            aria-label="Time span"
            className="max-w-32"
            value={span}
            onChange={(event) => void setSpan(event.target.value as (typeof spans)[number])}
          >
            {spans.map((each) => (
              <option key={each} value={each}>
                last {each.replace('h', ' h')}
              </option>
            ))}
          </Select>
          <CopyAs verb="topology.signals" input={{ meshId: mesh.id, subject }} />
          <ButtonLink href={`${paths.meshTopology(mesh.id)}?${focus.toString()}`}>
            In the graph
          </ButtonLink>
        </div>
      </div>
      {query.error && !query.data ? (
        <div className="card">
          <ErrorState error={query.error} what="its signals" onRetry={() => void query.refetch()} />
        </div>
      ) : query.data ? (
        <>
          <GoldenSignals signals={query.data} />
          <div className="grid items-start gap-6 lg:grid-cols-2">
            <Edges
              title="Inbound"
              text="Who asks it; what fails most first."
              meshId={mesh.id}
              edges={query.data.top.filter(({ direction }) => direction === 'inbound')}
            />
            <Edges
              title="Outbound"
              text="Whom it asks; what fails most first."
              meshId={mesh.id}
              edges={query.data.top.filter(({ direction }) => direction === 'outbound')}
            />
          </div>
        </>
      ) : (
        <Skeleton lines={8} />
      )}
      {children}
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Lines
          title="Objectives"
          none="Nothing is promised of it."
          lines={(objectives ?? []).map((each) => ({
            key: each.id,
            href: paths.objective(each.meshId, each.id),
            text: `${each.name}: ${promiseOf(each)}`,
            end: <ObjectiveState state={each.status.state} />,
          }))}
        />
        <Lines
          title="Findings of its namespace"
          none="None."
          lines={(findings ?? []).map((each) => ({
            key: each.id,
            href: paths.finding(mesh.id, each.id),
            text: `${each.code} ${each.resource}`,
            end: <Status status={each.severity} quiet />,
          }))}
        />
        <Lines
          title="Policies of its namespace"
          none="None."
          lines={(policies ?? []).map((each) => ({
            key: each.id,
            href: paths.policy(mesh.id, each.id),
            text: `${each.kind} ${each.name}`,
          }))}
        />
        <Lines
          title="What changed in a day"
          none="Nothing that is known of."
          lines={(changes ?? []).map((each) => ({
            key: `${each.at} ${each.title}`,
            href: each.link,
            text: each.title,
            end: <Time at={each.at} />,
          }))}
        />
      </div>
    </div>
  );
}

/** What a node of the graph is called, and its page; null for what has none. */
function peerOf(meshId: string, id: string): { name: string; href: string | null } {
  const node = parseNodeId(id);
  if (!node) return { name: id, href: null };
  const { kind, namespace, name, version } = node;
  return {
    name: [namespace, name, version].filter(Boolean).join('/') || kind,
    href:
      namespace !== '' && (kind === 'service' || kind === 'workload')
        ? paths[kind](meshId, namespace, name)
        : null,
  };
}

function Edges(props: { title: string; text: string; meshId: string; edges: Top[] }) {
  const { title, text, meshId, edges } = props;
  return (
    <Section title={title} text={text} bare>
      {edges.length === 0 ? (
        <p className="card px-4 py-3 text-sm text-ink-3">No traffic now.</p>
      ) : (
        <div className="card overflow-x-auto">
          <table className="w-full text-sm">
            <thead className="text-left text-xs text-ink-3">
              <tr>
                <th className="px-4 py-2 font-medium">{title === 'Inbound' ? 'From' : 'To'}</th>
                <th className="px-4 py-2 text-right font-medium">Rate</th>
                <th className="px-4 py-2 text-right font-medium">Errors</th>
                <th className="px-4 py-2 text-right font-medium">p95</th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {edges.map((edge) => {
                const { name, href } = peerOf(meshId, edge.peer);
                return (
                  <tr key={edge.edgeId}>
                    <td className="max-w-56 truncate px-4 py-2">
                      {href ? (
                        <Link href={href} className="hover:underline">
                          {name}
                        </Link>
                      ) : (
                        name
                      )}
                    </td>
                    <td className="tnum px-4 py-2 text-right whitespace-nowrap">
                      {rateText(edge.rate)}
                    </td>
                    <td className="tnum px-4 py-2 text-right whitespace-nowrap">
                      {edge.errorShare === null ? '–' : shareText(edge.errorShare)} {edge.code}
                    </td>
                    <td className="tnum px-4 py-2 text-right whitespace-nowrap">
                      {edge.p95Ms === null ? '–' : msText(edge.p95Ms)}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

interface Line {
  key: string;
  href: string;
  text: string;
  end?: ReactNode;
}

export function Lines({ title, none, lines }: { title: string; none: string; lines: Line[] }) {
  return (
    <Section title={title} bare>
      {lines.length === 0 ? (
        <p className="card px-4 py-3 text-sm text-ink-3">{none}</p>
      ) : (
        <ul className="card divide-y divide-line">
          {lines.map(({ key, href, text, end }) => (
            <li key={key} className="flex items-start justify-between gap-4 px-4 py-2 text-sm">
              {href ? (
                <Link href={href} className="min-w-0 break-words hover:underline">
                  {text}
                </Link>
              ) : (
                <span className="min-w-0 break-words">{text}</span>
              )}
              {end ? <span className="shrink-0">{end}</span> : null}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
