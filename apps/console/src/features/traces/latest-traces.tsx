'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Section } from '@/ui/page.tsx';
import { Time } from '@/ui/time.tsx';
import { FailedSpans } from './marks.tsx';
import { traceNameOf } from './names.ts';
import { spanText } from './waterfall.ts';

interface Props {
  meshId: string;
  namespace: string;
  /** Of the service, or the app of a workload. */
  name: string;
}

/** The newest traces of something of the mesh, and the way to all of them. */
export function LatestTraces({ meshId, namespace, name }: Props) {
  const trpc = useTRPC();
  const known = useQuery(trpc.trace.services.queryOptions({ meshId }));
  const service = traceNameOf(known.data?.items ?? [], namespace, name);
  const isConnected = (known.data?.sources.length ?? 0) > 0;
  const traces = useQuery({
    ...trpc.trace.list.queryOptions({ meshId, service, limit: 8 }),
    enabled: isConnected,
  });
  const failed = traces.data?.sources.filter(({ state }) => state === 'failed') ?? [];
  const items = traces.data?.items ?? [];
  const note =
    known.error || traces.error
      ? 'They cannot be read now.'
      : !known.data || (isConnected && !traces.data)
        ? 'Asking for them…'
        : failed.length > 0
          ? failed.map((source) => `${source.name}: ${source.problem}`).join(' ')
          : 'None in the last hour.';
  return (
    <Section
      title="Traces"
      bare
      actions={
        isConnected ? (
          <Link
            href={paths.meshTraces(meshId, service)}
            className="text-sm text-accent hover:underline"
          >
            All of {service}
          </Link>
        ) : null
      }
    >
      {known.data && !isConnected ? (
        <p className="card px-4 py-3 text-sm text-ink-3">
          No server of traces is connected.{' '}
          <Link href={paths.meshTraces(meshId)} className="text-accent underline">
            How to connect one
          </Link>
        </p>
      ) : items.length === 0 ? (
        <p className="card px-4 py-3 text-sm text-ink-3">{note}</p>
      ) : (
        <ul className="card divide-y divide-line">
          {items.map((trace) => (
            <li key={trace.traceId}>
              <Link
                href={paths.trace(meshId, trace.traceId)}
                className="flex items-baseline gap-4 px-4 py-2 text-sm hover:bg-hover"
              >
                <span className="min-w-0 grow truncate">
                  {trace.service} <span className="text-ink-2">{trace.operation}</span>
                </span>
                {trace.errors ? <FailedSpans count={trace.errors} /> : null}
                <span className="tnum shrink-0">{spanText(trace.durationMs)}</span>
                <span className="shrink-0 text-ink-3 max-sm:hidden">
                  <Time at={trace.startedAt} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
