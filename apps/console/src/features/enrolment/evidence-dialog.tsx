'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import type { Mesh } from '@/features/meshes/mesh-layout.tsx';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { ErrorNote, ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status, StatusIcon } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { truthOf } from './truth.ts';

type Pod = Outputs['enrolment']['get']['pods'][number];

interface Props {
  mesh: Mesh;
  level: 'namespace' | 'service' | 'workload';
  /** `cluster/namespace/kind/name`. */
  subject: string;
  cannot: string | undefined;
  onClose: () => void;
}

/** What was looked at of each pod, what it says, and the repair that the evidence names. */
export function EvidenceDialog({ mesh, level, subject, cannot, onClose }: Props) {
  const trpc = useTRPC();
  const router = useRouter();
  const [clusterId = '', namespace = '', kind = '', name = ''] = subject.split('/');
  const input = { meshId: mesh.id, clusterId, level, namespace, kind, name };
  const query = useQuery(trpc.enrolment.get.queryOptions(input));
  const repair = useMutation(
    trpc.enrolment.repair.mutationOptions({
      onSuccess: ({ operation }) => router.push(paths.operation(operation.id)),
    }),
  );
  const found = query.data;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      width="xl"
      title={`${kind} ${name}`}
      description={found?.subject.message}
      footer={
        <>
          <CopyAs verb="enrolment.get" input={input} />
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      {query.error && !found ? (
        <ErrorState error={query.error} what={name} onRetry={() => void query.refetch()} />
      ) : null}
      {!query.error && !found ? <Skeleton lines={6} /> : null}
      {found ? (
        <div className="flex flex-col gap-4">
          <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
            <span className="text-ink-3">Wanted</span>
            <Status status={found.subject.wanted} />
            <span className="text-ink-3">true</span>
            <Status status={truthOf(found.subject)} />
            {found.subject.truth === 'mixed' ? (
              <span className="text-ink-2">{found.subject.message}</span>
            ) : null}
            <span className="text-ink-2">
              {found.subject.because.join(', ') || 'no label asks for the mesh'}
            </span>
          </p>
          <ErrorNote error={repair.error} />
          {found.pods.length === 0 ? <p className="text-ink-2">No pods run.</p> : null}
          <ul aria-label="Pods" className="flex flex-col gap-3">
            {found.pods.map((pod) => (
              <PodEvidence
                key={pod.name}
                pod={pod}
                isOpen={found.pods.length === 1 || pod.state === 'differs'}
                cannot={cannot}
                busy={repair.isPending}
                onRepair={() =>
                  repair.mutate({ meshId: mesh.id, clusterId, namespace, pod: pod.name })
                }
              />
            ))}
          </ul>
        </div>
      ) : null}
    </Dialog>
  );
}

const verdicts = { for: 'ok', against: 'error', unknown: 'unknown', note: 'info' };
const verdictWords = {
  for: 'As wanted',
  against: 'Against it',
  unknown: 'Not known',
  note: 'Note',
};

function PodEvidence(props: {
  pod: Pod;
  isOpen: boolean;
  cannot: string | undefined;
  busy: boolean;
  onRepair: () => void;
}) {
  const { pod, cannot, busy, onRepair } = props;
  return (
    <li className="rounded-lg border border-line p-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <div className="min-w-0">
          <h3 className="font-medium break-all">{pod.name}</h3>
          <p className="text-sm text-ink-2">
            <Status status={pod.state} quiet /> <span className="ml-1">{pod.message}</span>
          </p>
        </div>
        {pod.state === 'differs' ? (
          <Button
            size="sm"
            variant="primary"
            busy={busy}
            disabledReason={
              cannot ?? (pod.repair === 'none' ? 'No restart mends this.' : undefined)
            }
            onClick={onRepair}
          >
            {pod.repair === 'restart-cni' ? 'Repair: restart the CNI' : 'Repair: restart the pod'}
          </Button>
        ) : null}
      </div>
      <details className="mt-2" open={props.isOpen}>
        <summary className="text-sm text-ink-2">
          Evidence: {count(pod.evidence.length, 'line')}
        </summary>
        <ul className="mt-1 divide-y divide-line">
          {pod.evidence.map((line) => (
            <li key={line.looked} className="flex items-start gap-2 py-1.5 text-sm">
              <span className="mt-0.5">
                <StatusIcon status={verdicts[line.verdict]} />
                <span className="sr-only">{verdictWords[line.verdict]}:</span>
              </span>
              <span className="min-w-0 grow">
                <span className="text-ink-3">{line.looked}: </span>
                <span className="break-words">{line.says}</span>
              </span>
              {line.since ? (
                <span className="shrink-0 text-xs text-ink-3">
                  <Time at={line.since} />
                </span>
              ) : null}
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}
