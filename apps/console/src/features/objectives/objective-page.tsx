'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { lazy, Suspense, useState } from 'react';
import { exactShareText } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Code } from '@/ui/copy.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Facts, Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { ObjectiveState } from './budget.tsx';
import { ExportButton } from './export-button.tsx';
import { HistoryChart } from './history-chart.tsx';
import { promiseOf } from './words.ts';

const ObjectiveDialog = lazy(() =>
  import('./objective-dialog.tsx').then((m) => ({ default: m.ObjectiveDialog })),
);

/** One objective of a mesh: how it stands, how it came to that, and its rules for elsewhere. */
export function ObjectivePage({ objectiveId }: { objectiveId: string }) {
  const trpc = useTRPC();
  const refused = useRefusal()('alert.write');
  const [editing, setEditing] = useState(false);
  const query = useQuery(trpc.objective.status.queryOptions({ objectiveId }));
  const isService = query.data?.objective.subject.kind === 'service';
  const rules = useQuery({
    ...trpc.objective.rules.queryOptions({ objectiveId }),
    enabled: isService,
  });
  if (query.error && !query.data)
    return (
      <ErrorState error={query.error} what="this objective" onRetry={() => void query.refetch()} />
    );
  if (!query.data) return <Skeleton lines={8} />;
  const { objective, history } = query.data;
  const { status, subject, meshId } = objective;
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 className="flex flex-wrap items-center gap-x-3 text-lg font-semibold">
            {objective.name} <ObjectiveState state={status.state} />
          </h2>
          <p className="text-ink-2" aria-live="polite">
            {status.message}
          </p>
        </div>
        <div className="flex gap-2">
          <CopyAs verb="objective.status" input={{ objectiveId }} />
          <Button disabledReason={refused} onClick={() => setEditing(true)}>
            Edit
          </Button>
        </div>
      </div>
      <Section title="Promise">
        <Facts
          items={[
            ['Promised', promiseOf(objective)],
            [
              'Of',
              <Link
                key="of"
                className="underline"
                href={
                  subject.kind === 'service'
                    ? paths.service(meshId, subject.namespace, subject.name)
                    : paths.workload(meshId, subject.namespace, subject.name)
                }
              >
                {subject.kind} {subject.namespace}/{subject.name}
              </Link>,
            ],
            ['Good', exactShareText(status.reached)],
            ['Budget left', exactShareText(status.budgetLeft)],
            [
              'Requests',
              `${Math.round(status.total).toLocaleString('en')}, ${Math.round(status.bad).toLocaleString('en')} bad`,
            ],
            ['Told of', `${exactShareText(status.coverage, 2)} of the window`],
            ['Told last', <Time key="told" at={status.toldAt} />],
            ['Alerts', objective.alerting ? 'on' : 'off'],
          ]}
        />
      </Section>
      <Section
        title="Over the window"
        text="Grey is time of which nobody told: it counts neither as good nor as bad."
      >
        <HistoryChart history={history} target={objective.target} />
      </Section>
      <Section title="Burn rates" bare>
        <div className="card overflow-x-auto">
          <table className="w-full text-sm">
            <thead className="text-left text-xs text-ink-3">
              <tr>
                <th className="px-4 py-2 font-medium">Windows</th>
                <th className="px-4 py-2 font-medium">Raises</th>
                <th className="px-4 py-2 text-right font-medium">Limit</th>
                <th className="px-4 py-2 text-right font-medium">Long</th>
                <th className="px-4 py-2 text-right font-medium">Short</th>
                <th className="px-4 py-2 font-medium">State</th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {status.burns.map((burn) => (
                <tr key={`${burn.longMs}`}>
                  <td className="px-4 py-2 whitespace-nowrap">
                    {windowText(burn.longMs)} and {windowText(burn.shortMs)}
                  </td>
                  <td className="px-4 py-2">{burn.severity}</td>
                  <td className="tnum px-4 py-2 text-right">{Number(burn.limit.toPrecision(3))}</td>
                  <td className="tnum px-4 py-2 text-right">{rate(burn.long)}</td>
                  <td className="tnum px-4 py-2 text-right">{rate(burn.short)}</td>
                  <td className="px-4 py-2">
                    {burn.isBurning ? (
                      <Status status="firing" quiet />
                    ) : burn.long === null || status.state === 'unknown' ? (
                      <Status status="unknown" quiet />
                    ) : (
                      <Status status="ok" quiet />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Section>
      {rules.data ? (
        <Section
          title="As a PrometheusRule"
          text="For a Prometheus of yours that is to evaluate it instead."
          bare
          actions={<ExportButton objectives={[objective]} />}
        >
          <Code code={rules.data.yaml} label="PrometheusRule" />
        </Section>
      ) : null}
      {editing ? (
        <Suspense>
          <ObjectiveDialog objective={objective} onClose={() => setEditing(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}

const windowText = (ms: number): string =>
  ms < 3_600_000
    ? `${ms / 60_000} min`
    : ms < 86_400_000
      ? `${ms / 3_600_000} h`
      : `${ms / 86_400_000} d`;

const rate = (value: number | null): string =>
  value === null ? 'no data' : `${Number(value.toPrecision(3))}×`;
