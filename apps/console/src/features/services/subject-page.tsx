'use client';

import { nodeIdOf, parseNodeId } from '@ambit/topology/node-id';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import type { ReactNode } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { msText, rateText, shareText } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { About } from './about.tsx';
import { sentenceOf } from './sentence.ts';
import { GoldenSignals } from './signals.tsx';
import { TimeSpan, useSignals } from './time-span.tsx';

type Top = Outputs['topology']['signals']['top'][number];

interface Props {
  kind: 'service' | 'workload';
  namespace: string;
  name: string;
  /** What traces and policies may know it by beside its name. */
  app?: string;
  /** What only this kind of page has, below its signals and at the end. */
  children?: ReactNode;
  after?: ReactNode;
}

/** What is asked of a service or a workload, and what it asks: how it is, its signals, and what belongs to it. */
export function SubjectPage({ kind, namespace, name, app, children, after }: Props) {
  const mesh = useMesh();
  const [cluster, setCluster] = useQueryState(
    'cluster',
    parseAsString.withDefault(mesh.clusters[0]?.name ?? ''),
  );
  const subject = nodeIdOf(kind, cluster, namespace, name);
  const { query, span, setSpan } = useSignals(mesh.id, subject);
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
            <div className="w-40">
              <Select
                aria-label="Cluster"
                value={cluster}
                onChange={(event) => void setCluster(event.target.value)}
              >
                {mesh.clusters.map((each) => (
                  <option key={each.id}>{each.name}</option>
                ))}
              </Select>
            </div>
          ) : null}
          <div className="w-32">
            <TimeSpan span={span} onChange={setSpan} />
          </div>
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
      <About kind={kind} namespace={namespace} name={name} app={app ?? name} />
      {after}
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
