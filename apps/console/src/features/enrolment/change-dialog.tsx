'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { Mesh } from '@/features/meshes/mesh-layout.tsx';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { useDebounced } from '@/lib/use-debounced.ts';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Check, Field, Input, RadioCards } from '@/ui/field.tsx';
import { ErrorNote, Skeleton } from '@/ui/states.tsx';
import { StatusIcon, statusWord } from '@/ui/status.tsx';
import type { Subject } from './enrolment-page.tsx';

type Preview = Outputs['enrolment']['preview'];
type Mode = Subject['wanted'];

interface Props {
  mesh: Mesh;
  subjects: Pick<Subject, 'clusterId' | 'namespace' | 'name' | 'level'>[];
  /** What is chosen at first; else what suits the mesh. */
  mode?: Mode | undefined;
  onClose: () => void;
}

/** One change for one or many: what it does, in which order, who gains and loses, what stands in its way. */
export function ChangeDialog({ mesh, subjects, mode: asked, onClose }: Props) {
  const trpc = useTRPC();
  const router = useRouter();
  const isService = subjects.some(({ level }) => level === 'service');
  const [mode, setMode] = useState<Mode>(asked ?? modeFor(mesh, isService));
  const [waypoint, setWaypoint] = useState('waypoint');
  const [guard, setGuard] = useState(true);
  const [restart, setRestart] = useState(true);
  const input = {
    meshId: mesh.id,
    subjects: subjects.map(({ clusterId, namespace, level, name }) => ({
      clusterId,
      namespace,
      ...(level === 'service' ? { service: name } : {}),
    })),
    mode,
    waypoint: { name: waypoint || 'waypoint' },
    guard,
    restart,
  };
  const settled = useDebounced(input.waypoint, 300);
  const preview = useQuery({
    ...trpc.enrolment.preview.queryOptions({ ...input, waypoint: settled }),
    // What stands in the way may go while one looks: a namespace is told, a label is taken off.
    refetchInterval: ({ state }) => (state.data?.allowed === false ? 3_000 : false),
  });
  const isPreviewed = preview.data && settled.name === input.waypoint.name;
  const change = useMutation(
    trpc.enrolment.change.mutationOptions({
      onSuccess: ({ operation }) => {
        onClose();
        router.push(paths.operation(operation.id));
      },
    }),
  );
  const [first] = subjects;
  const what =
    subjects.length === 1 && first ? first.name : count(subjects.length, first?.level ?? 'subject');
  const stops = preview.data?.conflicts.find(({ severity }) => severity === 'error');
  return (
    <Dialog
      open
      onOpenChange={onClose}
      width="xl"
      title={`Change ${what}`}
      description={preview.data?.sentence}
      footer={
        <>
          <CopyAs verb="enrolment.change" input={input} />
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant={mode === 'none' ? 'danger' : 'primary'}
            busy={change.isPending}
            disabledReason={
              stops ? `${stops.message}.` : isPreviewed ? undefined : 'The preview is on its way.'
            }
            onClick={() => change.mutate(input)}
          >
            {mode === 'none' ? 'Take out' : `Change to ${mode}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <RadioCards
          legend="How it is to take part"
          name="enrolment-mode"
          value={mode}
          onChange={setMode}
          options={modesOf(mesh, isService)}
        />
        {mode === 'L4+L7' ? (
          <>
            <Field
              label="Waypoint"
              standard="waypoint"
              help="Of the namespace itself. It is made when there is none, and no label is set before it is Programmed."
            >
              <Input value={waypoint} onChange={(event) => setWaypoint(event.target.value)} />
            </Field>
            <Check
              label="Guard it"
              help="An L4 policy lets only the waypoint, clients with sidecars and gateways reach the pods. Clients outside the mesh are refused."
              checked={guard}
              onChange={(event) => setGuard(event.target.checked)}
            />
          </>
        ) : null}
        {isService ? null : (
          <Check
            label="Restart workloads where a sidecar comes or goes"
            help="Namespace by namespace. Without it, pods change when they are next replaced."
            checked={restart}
            onChange={(event) => setRestart(event.target.checked)}
          />
        )}
        {preview.data ? <PreviewOf preview={preview.data} /> : null}
        {!preview.data && !preview.error ? <Skeleton lines={5} /> : null}
        <ErrorNote error={preview.error ?? change.error} />
      </div>
    </Dialog>
  );
}

const modeFor = ({ profile }: Mesh, isService: boolean): Mode =>
  isService ? 'L4+L7' : profile === 'ambient' ? 'L4' : 'sidecar';

function modesOf(mesh: Mesh, isService: boolean) {
  const needsAmbient =
    mesh.profile === 'ambient' ? undefined : 'Needs a mesh with the ambient profile.';
  const ofNamespace = isService ? 'A matter of the whole namespace.' : undefined;
  return [
    {
      value: 'L4' as const,
      title: 'L4 (ambient)',
      text: 'Mutual TLS and L4 policy by the node. No restart.',
      disabledReason: needsAmbient,
    },
    {
      value: 'L4+L7' as const,
      title: 'L4+L7 (with a waypoint)',
      text: 'L7 policy, routes and telemetry of requests as well. No restart.',
      disabledReason: needsAmbient,
    },
    {
      value: 'sidecar' as const,
      title: 'Sidecar',
      text: 'A proxy joins every pod. L4 and L7 at once; pods restart.',
      disabledReason: ofNamespace,
    },
    {
      value: 'none' as const,
      title: 'Out of the mesh',
      text: 'No mutual TLS, no policy, no telemetry.',
      disabledReason: ofNamespace,
    },
  ];
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  if (lines.length === 0) return null;
  return (
    <div>
      <h3 className="mb-1 font-medium">{title}</h3>
      <ul className="list-disc space-y-1 pl-5 text-ink-2">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

function PreviewOf({ preview }: { preview: Preview }) {
  const { conflicts, steps, changes, gains, losses } = preview;
  return (
    <section aria-label="Preview" className="flex flex-col gap-4">
      {conflicts.length > 0 ? (
        <div>
          <h3 className="mb-1 font-medium">To know before</h3>
          <ul className="flex flex-col gap-2">
            {conflicts.map((one) => (
              <li key={one.about + one.message} className="flex items-start gap-2 text-sm">
                <span className="mt-0.5">
                  <StatusIcon status={one.severity} />
                  <span className="sr-only">{statusWord(one.severity)}:</span>
                </span>
                <span className="min-w-0">
                  <span className="font-medium">{one.about}</span>: {one.message}.{' '}
                  <span className="text-ink-3">Fix: {one.fix}.</span>
                </span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <div>
        <h3 className="mb-1 font-medium">In this order</h3>
        <ol className="list-decimal space-y-1 pl-5 text-ink-2">
          {steps.map((step) => (
            <li key={step.name}>
              {step.title}
              <span className="text-ink-3"> · {shortened(step.what)}</span>
            </li>
          ))}
        </ol>
      </div>
      <Lines
        title="Labels"
        lines={changes.flatMap((change) =>
          change.labels.map(
            ({ label, from, to }) =>
              `${change.kind} ${change.name}: ${label} ${from ?? 'not set'} → ${to ?? 'not set'}`,
          ),
        )}
      />
      <Lines title="Gained" lines={gains} />
      <Lines title="Lost, or to be looked at" lines={losses} />
    </section>
  );
}

const shortened = (what: string[]): string =>
  what.length > 3 ? `${what.slice(0, 3).join(', ')} and ${what.length - 3} more` : what.join(', ');
