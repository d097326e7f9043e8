'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { Mailbox } from 'lucide-react';
import { parseAsString, useQueryState } from 'nuqs';
import { count } from '@/lib/format.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Button } from '@/ui/button.tsx';
import { Select } from '@/ui/field.tsx';
import { Empty, ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';

type Delivery = Outputs['alertDelivery']['list']['items'][number];

const mostShown = 200;

/** Every notification with its attempts: what was sent, when, and what was answered. */
export function Deliveries() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [route, setRoute] = useQueryState('route', parseAsString);
  const routes = useQuery(trpc.alertRoute.list.queryOptions({ limit: 200 })).data?.items ?? [];
  const input = route ? { alertRouteId: route } : {};
  const list = useAll(['alertDelivery', 'list'], input, (page) =>
    client.alertDelivery.list.query({ ...page, limit: mostShown }),
  );
  const items = list.data?.items ?? [];
  return (
    <>
      <div role="group" aria-label="Filters" className="mb-3 flex flex-wrap items-center gap-2">
        <Select
          aria-label="Route"
          value={route ?? ''}
          onChange={(event) => void setRoute(event.target.value || null)}
          className="max-w-52"
        >
          <option value="">Every route</option>
          {routes.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </Select>
        <span className="text-sm text-ink-3">{count(items.length, 'delivery', 'deliveries')}</span>
      </div>
      {list.error && !list.data ? (
        <div className="card">
          <ErrorState error={list.error} what="the log" onRetry={() => void list.refetch()} />
        </div>
      ) : !list.data ? (
        <Skeleton lines={6} />
      ) : items.length === 0 ? (
        <div className="card">
          <Empty icon={<Mailbox size={18} aria-hidden="true" />} title="Nothing was sent yet">
            Send a test from Routes to see a route work.
          </Empty>
        </div>
      ) : (
        <ol aria-label="Deliveries" className="card divide-y divide-line">
          {items.slice(0, mostShown).map((each) => (
            <li key={each.id} className="px-4 py-3">
              <DeliveryLine delivery={each} />
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function DeliveryLine({ delivery }: { delivery: Delivery }) {
  const trpc = useTRPC();
  const refused = useRefusal()('alertRoute.write');
  const retry = useMutation(
    trpc.alertDelivery.retry.mutationOptions({
      onSuccess: () => notify.done('It is tried again now'),
      onError: (error) => notify.failed('Could not try it again', error),
    }),
  );
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Status status={delivery.state} quiet />
        <span className="min-w-0 grow basis-64 font-medium break-words">{delivery.title}</span>
        {delivery.test ? <Tag>test</Tag> : null}
        <span className="text-sm text-ink-2">
          {delivery.routeName} · <Time at={delivery.createdAt} />
        </span>
        <Button
          size="sm"
          aria-label={`Try now: ${delivery.title}`}
          busy={retry.isPending}
          disabledReason={
            refused ?? (delivery.state === 'delivered' ? 'It is delivered.' : undefined)
          }
          onClick={() => retry.mutate({ alertDeliveryId: delivery.id })}
        >
          Try now
        </Button>
      </div>
      {delivery.attempts.length > 0 ? (
        <div className="flex flex-col gap-1 border-l border-line pl-3 text-sm">
          <Attempts attempts={delivery.attempts.slice(0, mostAttempts)} />
          {delivery.attempts.length > mostAttempts ? (
            <details>
              <summary className="cursor-pointer text-ink-2">
                {count(delivery.attempts.length - mostAttempts, 'earlier attempt')}
              </summary>
              <Attempts attempts={delivery.attempts.slice(mostAttempts)} />
            </details>
          ) : null}
        </div>
      ) : null}
      {delivery.nextAttemptAt ? (
        <p className="text-sm text-ink-3">
          Next attempt <Time at={delivery.nextAttemptAt} />
        </p>
      ) : null}
    </div>
  );
}

const mostAttempts = 5;

function Attempts({ attempts }: { attempts: Delivery['attempts'] }) {
  return (
    <ul className="flex flex-col gap-1">
      {attempts.map((attempt) => (
        <li key={attempt.number} className="flex flex-wrap items-center gap-x-3">
          <span className="tnum text-ink-3">#{attempt.number}</span>
          <Status status={attempt.outcome} quiet />
          {attempt.status ? <Tag mono>{attempt.status}</Tag> : null}
          <span className="tnum text-ink-3">
            <Time at={attempt.at} />, {attempt.durationMs} ms
          </span>
          <span className="min-w-0 basis-full font-mono text-xs break-all text-ink-2">
            {attempt.answer}
          </span>
        </li>
      ))}
    </ul>
  );
}
