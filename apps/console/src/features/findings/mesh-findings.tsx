'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { ClipboardList, RefreshCw } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { busyReason, useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Note } from '@/ui/states.tsx';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';
import { SeverityCounts } from './counts.tsx';
import { FindingList } from './finding-list.tsx';
import { Suppressions } from './suppressions.tsx';
import { Trend } from './trend.tsx';

const hours = 24;

/** What the diagnosis of this mesh found, and how it stands. */
export function MeshFindings() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const router = useRouter();
  const refused = useRefusal()('finding.write');
  const input = { meshId: mesh.id };
  const summary = useQuery(trpc.finding.summary.queryOptions({ ...input, hours })).data;
  const diagnosis = useQuery(trpc.diagnosis.get.queryOptions(input)).data;
  const run = useMutation(
    trpc.diagnosis.run.mutationOptions({
      onSuccess: () => notify.done('The diagnosis runs'),
      onError: (error) => notify.failed('Could not start it', error),
    }),
  );
  const report = useMutation(
    trpc.diagnosis.report.mutationOptions({
      onSuccess: ({ operation }) => router.push(paths.operation(operation.id)),
      onError: (error) => notify.failed('Could not begin the report', error),
    }),
  );
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-ink-2">
          {!diagnosis ? (
            'Diagnosed after each change.'
          ) : diagnosis.ranAt ? (
            <>
              {diagnosis.resources} objects, diagnosed <Time at={diagnosis.ranAt} />
              {diagnosis.pending ? '; something changed since, and it runs again now.' : '.'}
            </>
          ) : (
            'Not diagnosed yet; that takes a moment.'
          )}
        </p>
        <div className="flex flex-wrap gap-2">
          <CopyAs verb="finding.list" input={input} />
          <Button
            icon={<ClipboardList size={14} aria-hidden="true" />}
            busy={report.isPending}
            disabledReason={refused ?? busyReason(mesh)}
            onClick={() => report.mutate(input)}
          >
            Full report
          </Button>
          <Button
            icon={<RefreshCw size={14} aria-hidden="true" />}
            busy={run.isPending}
            disabledReason={refused}
            onClick={() => run.mutate(input)}
          >
            Diagnose now
          </Button>
        </div>
      </div>
      {diagnosis?.error ? (
        <Note tone="warn" title="The last diagnosis failed">
          {diagnosis.error}
        </Note>
      ) : null}
      {summary ? (
        <div className="card flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-4 py-3">
          <SeverityCounts counts={summary} />
          <Trend moments={summary.trend} hours={hours} />
        </div>
      ) : null}
      <FindingList meshId={mesh.id} />
      {diagnosis && diagnosis.limits.length > 0 ? (
        <Note title="What is not looked at">
          <ul className="list-disc pl-4">
            {diagnosis.limits.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </Note>
      ) : null}
      <Suppressions meshId={mesh.id} />
    </div>
  );
}
