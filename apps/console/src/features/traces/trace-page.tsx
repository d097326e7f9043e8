'use client';

import { useQuery } from '@tanstack/react-query';
import { ExternalLink } from 'lucide-react';
import { parseAsString, useQueryState } from 'nuqs';
import { useMemo } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorState, Note, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { isWebLink } from './names.ts';
import { SpanDetails } from './span-details.tsx';
import { SpanTree } from './span-tree.tsx';
import { ownTimes, rowsOf, spanText } from './waterfall.ts';

/** One request through the mesh: each span of it where it lies in time, and what it says. */
export function TracePage({ traceId }: { traceId: string }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const query = useQuery({
    ...trpc.trace.get.queryOptions({ meshId: mesh.id, traceId }),
    // A trace that is whole does not change.
    staleTime: 60_000,
  });
  const [selected, setSelected] = useQueryState('at', parseAsString.withDefault(''));
  // Names of services lead from a span to its pages; asking for them has the graph begun.
  const services = useAll(
    ['service', 'list'],
    { meshId: mesh.id },
    (page) => client.service.list.query(page),
    { enabled: selected !== '' },
  ).data?.items;
  const trace = query.data;
  const rows = useMemo(() => (trace ? rowsOf(trace.spans) : []), [trace]);
  const own = useMemo(() => ownTimes(rows), [rows]);
  if (query.error && !trace) {
    return (
      <div className="card">
        <ErrorState error={query.error} what="this trace" onRetry={() => void query.refetch()} />
        <p className="pb-6 text-center text-sm">
          <ButtonLink size="sm" href={paths.meshTraces(mesh.id)}>
            All traces
          </ButtonLink>
        </p>
      </div>
    );
  }
  if (!trace) return <Skeleton lines={10} />;
  const failed = trace.spans.filter((span) => span.failed);
  const [root] = rows;
  const row = rows.find(({ span }) => span.spanId === selected) ?? null;
  const involved = own.length;
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 grow basis-72">
          <h2 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-lg font-semibold">
            <span className="break-all">
              {root?.span.service} {root?.span.operation}
            </span>
            <Status status={failed.length > 0 ? 'Failed' : 'Ready'} />
          </h2>
          <p className="text-ink-2">
            {spanText(trace.durationMs)}, {count(trace.spans.length, 'span')} of{' '}
            {count(involved, 'service')}
            {failed.length > 0
              ? `; ${count(failed.length, 'span')} failed, the first in ${failed[0]!.service}`
              : ', none failed'}
            . Began <Time at={trace.startedAt} />.
          </p>
          <p className="font-mono text-xs break-all text-ink-3">{trace.traceId}</p>
        </div>
        <div className="flex flex-wrap gap-2">
          <CopyAs verb="trace.get" input={{ meshId: mesh.id, traceId }} />
          {isWebLink(trace.link) ? (
            <a
              href={trace.link}
              target="_blank"
              rel="noreferrer"
              className="inline-flex h-8 items-center gap-2 rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-hover"
            >
              <ExternalLink size={14} aria-hidden="true" /> At its source
            </a>
          ) : null}
        </div>
      </div>
      {trace.truncated ? (
        <Note tone="warn" title="Not all of it is shown">
          It has more spans than are read (10,000). The rest is at its source.
        </Note>
      ) : null}
      <Section title="Where the time went" bare>
        <ul className="card flex flex-wrap gap-x-6 gap-y-2 px-4 py-3 text-sm">
          {own.slice(0, 8).map(({ service, ms }) => (
            <li key={service} className="flex items-baseline gap-2">
              <span className="break-all">{service}</span>
              <span className="tnum text-ink-3">
                {spanText(ms)}
                {trace.durationMs > 0 ? ` · ${Math.round((ms / trace.durationMs) * 100)}%` : ''}
              </span>
            </li>
          ))}
          {own.length > 8 ? <li className="text-ink-3">and {own.length - 8} more</li> : null}
        </ul>
      </Section>
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <SpanTree
          rows={rows}
          traceMs={trace.durationMs}
          selected={row?.at ?? null}
          onSelect={(at) => void setSelected(at === null ? null : rows[at]!.span.spanId)}
        />
        {row ? (
          <SpanDetails
            meshId={mesh.id}
            span={row.span}
            services={services ?? []}
            onClose={() => void setSelected(null)}
          />
        ) : (
          <p className="card px-4 py-3 text-sm text-ink-3 max-xl:hidden">
            Choose a span to see what it says. With the keyboard: arrows walk, left folds and right
            unfolds, Enter chooses.
          </p>
        )}
      </div>
    </div>
  );
}
