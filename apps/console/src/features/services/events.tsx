'use client';

import { useQueries } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc.tsx';
import { errorBody } from '@/lib/errors.ts';
import { sentence } from '@/lib/format.ts';
import { Status } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { Lines } from './lines.tsx';

/** An object of a cluster that Kubernetes tells events of. */
export interface EventSubject {
  clusterId: string;
  kind: string;
  namespace: string;
  name: string;
}

const mostLines = 20;

interface Props {
  meshId: string;
  /** Undefined while it is not known where they are. */
  of: readonly EventSubject[] | undefined;
  /** Why it is not known where they are. */
  error?: unknown;
}

/** What Kubernetes says lately of some objects, the newest first; read through the agents. */
export function Events({ meshId, of, error }: Props) {
  const trpc = useTRPC();
  const asked = useQueries({
    queries: (of ?? []).map((subject) => trpc.proxy.events.queryOptions({ meshId, ...subject })),
  });
  const events = asked
    .flatMap(({ data }, at) => (data?.items ?? []).map((each) => ({ ...each, of: of![at]! })))
    .toSorted((a, b) => ((a.lastAt ?? '') < (b.lastAt ?? '') ? 1 : -1));
  const failed = asked.find((each) => each.error)?.error ?? (of ? undefined : error);
  const isReading = of === undefined || asked.some(({ isPending }) => isPending);
  return (
    <Lines
      title="Events"
      none={
        failed
          ? `They cannot be read: ${sentence(errorBody(failed).message)}`
          : of?.length === 0
            ? 'No cluster is known to have it, so none was asked.'
            : isReading
              ? 'Asking the cluster…'
              : 'Kubernetes tells of none in the last hour.'
      }
      lines={events.slice(0, mostLines).map((event) => ({
        key: `${event.of.kind} ${event.of.name} ${event.reason} ${event.message} ${event.lastAt}`,
        href: '',
        text: `${of!.length > 1 ? `${event.of.kind} ${event.of.name}: ` : ''}${event.reason}: ${event.message}${event.count > 1 ? ` (${event.count} times)` : ''}`,
        end: (
          <span className="flex items-center gap-3">
            {event.type === 'Warning' ? <Status status="warning" quiet /> : null}
            <Time at={event.lastAt} />
          </span>
        ),
      }))}
    />
  );
}
