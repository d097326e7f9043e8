'use client';

import { useQuery } from '@tanstack/react-query';
import { Lines } from '@/features/services/lines.tsx';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Facts, Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { AlertActs } from './alert-acts.tsx';

/** One alert: how it stands, the graph at its moment, and what was changed before it. */
export function AlertPage({ alertId }: { alertId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.alert.get.queryOptions({ alertId }));
  const alert = query.data;
  const namespace = alert?.labels['namespace'];
  const changes = useQuery({
    ...trpc.mesh.changes.queryOptions({
      meshId: alert?.meshId ?? '',
      before: alert?.firedAt ?? alert?.startedAt,
      ...(namespace ? { namespace } : {}),
      limit: 20,
    }),
    enabled: Boolean(alert?.meshId),
  });
  if (query.error && !alert)
    return (
      <ErrorState error={query.error} what="this alert" onRetry={() => void query.refetch()} />
    );
  if (!alert) return <Skeleton lines={8} />;
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 grow basis-72">
          <h2 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-lg font-semibold">
            <Status status={alert.state} /> <span className="break-words">{alert.summary}</span>
          </h2>
          <p className="max-w-3xl text-ink-2">{alert.description}</p>
          {alert.unknownSince ? (
            <p role="status" className="mt-1 max-w-3xl text-sm">
              <Status status="unknown" quiet /> Nobody tells whether it still holds:{' '}
              {alert.unknownReason}
            </p>
          ) : null}
          <Ending alert={alert} />
        </div>
        <div className="flex flex-wrap gap-2">
          <CopyAs verb="alert.get" input={{ alertId }} />
          {alert.graphLink ? (
            <ButtonLink href={alert.graphLink}>Graph at its moment</ButtonLink>
          ) : null}
          {alert.source === 'signal' ? null : (
            <ButtonLink href={alert.link}>
              {alert.source === 'finding' ? 'Finding' : 'Objective'}
            </ButtonLink>
          )}
          <AlertActs alert={alert} />
        </div>
      </div>
      <Section title="Facts">
        <Facts
          items={[
            ['Severity', <Status key="severity" status={alert.severity} quiet />],
            ['Rule', alert.ruleName],
            ['Began', <Time key="began" at={alert.startedAt} />],
            ['Fired', <Time key="fired" at={alert.firedAt} never="not yet" />],
            ['Resolved', <Time key="resolved" at={alert.resolvedAt} never="no" />],
            ['Times', alert.episode],
          ]}
        />
        <ul aria-label="Labels" className="mt-4 flex flex-wrap gap-1.5">
          {Object.entries(alert.labels)
            .filter(([, value]) => value !== '')
            .map(([name, value]) => (
              <li key={name}>
                <Tag mono>
                  {name}={value}
                </Tag>
              </li>
            ))}
        </ul>
      </Section>
      {alert.meshId ? (
        <Lines
          title="What changed in the day before it"
          none="Nothing that is known of."
          lines={(changes.data?.items ?? []).map((each) => ({
            key: `${each.at} ${each.title}`,
            href: each.link,
            text: `${each.title}${each.by ? `, by ${each.by}` : ''}`,
            end: <Time at={each.at} />,
          }))}
        />
      ) : null}
    </div>
  );
}

/** What an open alert waits for before it resolves. */
function Ending({ alert }: { alert: Outputs['alert']['get'] }) {
  if (alert.firedAt === null || alert.resolvedAt !== null || alert.unknownSince) return null;
  const wait = 'it resolves when that has lasted for as long as its rule says (usually 60 s)';
  return (
    <p className="mt-1 max-w-3xl text-sm text-ink-2">
      {alert.goneSince ? (
        <>
          It does not hold any more since <Time at={alert.goneSince} />; {wait}.
        </>
      ) : alert.source === 'signal' ? (
        `Signals are rates over a minute, or longer where a Prometheus scrapes seldom: once the cause has ended it may hold for as long, and ${wait}.`
      ) : null}
    </p>
  );
}
