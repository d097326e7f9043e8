'use client';

import type { Span } from '@ambit/contracts/operations/trace';
import { X } from 'lucide-react';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { ButtonLink, IconButton } from '@/ui/button.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { serviceOfSpan, workloadOfSpan } from './names.ts';
import { spanText } from './waterfall.ts';

type Service = Outputs['service']['list']['items'][number];

interface Props {
  meshId: string;
  span: Span;
  services: readonly Service[];
  onClose: () => void;
}

/** What a span says, and where what it is of has its page. */
export function SpanDetails({ meshId, span, services, onClose }: Props) {
  const service = serviceOfSpan(span, services);
  const workload = workloadOfSpan(span, services);
  const tags = Object.entries(span.tags).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    <aside aria-label="Span" className="card flex min-w-0 flex-col gap-4 p-4">
      <header>
        <div className="flex items-start gap-2">
          <h3 className="min-w-0 grow text-base font-semibold break-words">
            {span.service} <span className="font-normal text-ink-2">{span.operation}</span>
          </h3>
          <IconButton label="Close span" size="sm" onClick={onClose}>
            <X size={14} aria-hidden="true" />
          </IconButton>
        </div>
        <div className="mt-1 flex flex-wrap items-center gap-1.5">
          {span.failed ? <Status status="Failed" /> : null}
          <Tag>{span.kind}</Tag>
        </div>
        <p className="mt-1 text-sm text-ink-2">
          Took {spanText(span.durationMs)}, from {spanText(span.startMs)} after the trace began.
        </p>
      </header>
      {service || workload ? (
        <div className="flex flex-wrap gap-2">
          {service ? (
            <ButtonLink size="sm" href={paths.service(meshId, service.namespace, service.name)}>
              Service page
            </ButtonLink>
          ) : null}
          {workload ? (
            <ButtonLink size="sm" href={paths.workload(meshId, workload.namespace, workload.name)}>
              Workload page
            </ButtonLink>
          ) : null}
        </div>
      ) : null}
      {span.events.length > 0 ? (
        <section aria-label="Events">
          <h4 className="mb-1 text-xs font-medium text-ink-3">Events</h4>
          <ol className="flex flex-col gap-1 text-sm">
            {span.events.map((event, at) => (
              <li key={`${event.atMs}${at}`} className="flex gap-3">
                <span className="tnum w-16 shrink-0 text-right text-ink-3">
                  {spanText(Math.max(0, event.atMs))}
                </span>
                <span className="min-w-0 break-words">{event.name}</span>
              </li>
            ))}
          </ol>
        </section>
      ) : null}
      <section aria-label="Tags">
        <h4 className="mb-1 text-xs font-medium text-ink-3">Tags</h4>
        {tags.length === 0 ? <p className="text-sm text-ink-3">None.</p> : null}
        <dl className="flex flex-col gap-1.5 text-xs">
          {tags.map(([name, value]) => (
            <div key={name} className="min-w-0">
              <dt className="break-all text-ink-3">{name}</dt>
              <dd className="font-mono break-all">{value}</dd>
            </div>
          ))}
        </dl>
      </section>
    </aside>
  );
}
