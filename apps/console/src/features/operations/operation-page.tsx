'use client';

import type { LifecycleOperation } from '@ambit/contracts/lifecycle';
import { isFinished } from '@ambit/contracts/operation-states';
import { useMutation, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ReportResult } from '@/features/findings/report.tsx';
import { pathOfId, paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useNow } from '@/lib/use-now.ts';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { CopyButton } from '@/ui/copy.tsx';
import { Facts, PageHeader, Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';
import { CancelDialog } from './cancel-dialog.tsx';
import { elapsed, nextSteps, operationName, operationSentence } from './progress.ts';
import { Result } from './result.tsx';
import { Steps } from './steps.tsx';
import { UndoChange } from './undo-change.tsx';

export function OperationPage({ operationId }: { operationId: string }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const operation = useQuery(trpc.operation.get.queryOptions({ operationId }));
  const logs = useAll(['operation', 'logs'], { operationId }, (page) =>
    client.operation.logs.query(page),
  );
  if (operation.error && !operation.data)
    return (
      <ErrorState
        error={operation.error}
        what="this operation"
        onRetry={() => void operation.refetch()}
      />
    );
  if (!operation.data) return <Skeleton lines={8} />;
  const data = operation.data;
  return (
    <>
      <Header operation={data} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_320px]">
        <div className="flex min-w-0 flex-col gap-5">
          <Section title="Steps">
            <Steps operation={data} logs={logs.data?.items ?? []} />
          </Section>
          {data.result && Object.keys(data.result).length > 0 ? (
            <Section title="Result" text="What came of it.">
              {data.type === 'mesh.report' && Array.isArray(data.result['parts']) ? (
                <ReportResult parts={data.result['parts']} meshId={data.target.id} />
              ) : (
                <Result value={data.result} />
              )}
            </Section>
          ) : null}
        </div>
        <Aside operation={data} />
      </div>
    </>
  );
}

function Header({ operation }: { operation: LifecycleOperation }) {
  const trpc = useTRPC();
  const router = useRouter();
  const refusal = useRefusal();
  const [cancelling, setCancelling] = useState(false);
  const retry = useMutation(
    trpc.operation.retry.mutationOptions({
      onSuccess: (next) => {
        notify.done('Started again');
        if (next.id !== operation.id) router.push(paths.operation(next.id));
      },
      onError: (error) => notify.failed('Could not start it again', error),
    }),
  );
  const notAllowed = refusal('operation.write');
  return (
    <>
      <PageHeader
        title={operationName(operation)}
        badge={<Status status={operation.state} />}
        lead={<span aria-live="polite">{operationSentence(operation)}</span>}
        actions={
          <>
            <CopyAs verb="operation.get" input={{ operationId: operation.id }} />
            {operation.type === 'enrolment.change' ? <UndoChange operation={operation} /> : null}
            <Button
              busy={retry.isPending}
              disabledReason={notAllowed ?? operation.retryDisabledReason ?? undefined}
              onClick={() => retry.mutate({ operationId: operation.id })}
            >
              Retry
            </Button>
            <Button
              variant="danger"
              disabledReason={notAllowed ?? operation.cancelDisabledReason ?? undefined}
              onClick={() => setCancelling(true)}
            >
              Cancel
            </Button>
          </>
        }
      />
      {cancelling ? (
        <CancelDialog operation={operation} onClose={() => setCancelling(false)} />
      ) : null}
    </>
  );
}

function Aside({ operation }: { operation: LifecycleOperation }) {
  const now = useNow();
  const finished = isFinished(operation.state);
  const next = nextSteps(operation);
  const target = pathOfId(operation.target.id);
  return (
    <div className="card flex flex-col gap-4 p-4">
      <Facts
        items={[
          [
            operation.target.kind === 'mesh' ? 'Mesh' : 'Cluster',
            target ? (
              <Link key="t" href={target} className="text-accent hover:underline">
                {operation.target.name}
              </Link>
            ) : (
              operation.target.name
            ),
          ],
          ['Started by', operation.actor.name],
          ['Begun', <Time key="b" at={operation.startedAt ?? operation.createdAt} />],
          [finished ? 'Took' : 'Running for', elapsed(operation, now) || '–'],
          ['Outcome', operation.reason || (finished ? '–' : 'not known yet')],
          [
            'Id',
            <span key="i" className="flex items-center gap-1">
              <span className="truncate font-mono text-xs">{operation.id}</span>
              <CopyButton text={operation.id} label="Copy operation id" iconOnly />
            </span>,
          ],
        ]}
      />
      {finished ? null : (
        <>
          <div className="border-t border-line pt-3">
            <h2 className="text-xs text-ink-3">Next</h2>
            {next.length > 0 ? (
              <ol>
                {next.map((step) => (
                  <li key={step.name}>{step.title}</li>
                ))}
              </ol>
            ) : (
              <p>This is the last step.</p>
            )}
          </div>
          <div className="border-t border-line pt-3">
            <h2 className="text-xs text-ink-3">If cancelled now</h2>
            <p>{operation.ifCancelled || 'Nothing was changed yet.'}</p>
          </div>
          <p className="border-t border-line pt-3 text-xs text-ink-3">
            You may leave this page. The operation goes on, and stands in the tray above.
          </p>
        </>
      )}
    </div>
  );
}
