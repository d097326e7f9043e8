'use client';

import {
  latencyThresholdsMs,
  objectiveCreate,
  objectiveKinds,
  objectiveSubjects,
} from '@ambit/contracts/operations/objective';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { exactShareText } from '@/lib/format.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { useDebounced } from '@/lib/use-debounced.ts';
import { Check, Field, Input, Select } from '@/ui/field.tsx';
import { FormDialog } from '@/ui/form-dialog.tsx';
import { ErrorNote, Skeleton } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';
import { ObjectiveState } from './budget.tsx';
import { HistoryChart } from './history-chart.tsx';

type Objective = Outputs['objective']['list']['items'][number];
type Subject = Objective['subject'];

interface Props {
  objective: Objective | null;
  /** What a new one begins with. */
  given?: { meshId?: string; subject?: Subject };
  onClose: () => void;
}

export function ObjectiveDialog({ objective, given, onClose }: Props) {
  const trpc = useTRPC();
  const meshes = useQuery(trpc.mesh.list.queryOptions({ limit: 500 })).data?.items ?? [];
  const [chosen, setMeshId] = useState(objective?.meshId ?? given?.meshId ?? '');
  const meshId = chosen || (meshes[0]?.id ?? '');
  const old = objective?.subject ?? given?.subject;
  const [name, setName] = useState(objective?.name ?? '');
  const [subjectKind, setSubjectKind] = useState<Subject['kind']>(old?.kind ?? 'service');
  const [namespace, setNamespace] = useState(old?.namespace ?? '');
  const [subjectName, setSubjectName] = useState(old?.name ?? '');
  const [kind, setKind] = useState(objective?.kind ?? 'availability');
  const [threshold, setThreshold] = useState(objective?.thresholdMs ?? 250);
  const [target, setTarget] = useState(String(shown(objective?.target ?? 0.999)));
  const [days, setDays] = useState(String(objective?.periodDays ?? 30));
  const [alerting, setAlerting] = useState(objective?.alerting ?? true);
  const promise = {
    subject: { kind: subjectKind, namespace: namespace.trim(), name: subjectName.trim() },
    kind,
    thresholdMs: kind === 'latency' ? threshold : null,
    target: Number(target.replace(',', '.')) / 100,
    periodDays: Number(days),
  };
  const input = { meshId, name, description: objective?.description ?? '', alerting, ...promise };
  const done = {
    onSuccess: () => {
      notify.done('The objective is stored; it counts from now on');
      onClose();
    },
  };
  const create = useMutation(trpc.objective.create.mutationOptions(done));
  const update = useMutation(trpc.objective.update.mutationOptions(done));
  return (
    <FormDialog
      title={objective ? `Edit ${objective.name}` : 'New objective'}
      description="What a service promises. Requests are counted as the mesh’s proxies tell them."
      verb="objective.create"
      schema={objectiveCreate.input}
      input={input}
      sample={{ name: 'cart is there' }}
      action="Store objective"
      mutation={
        objective
          ? {
              ...update,
              mutate: (rest) =>
                update.mutate({
                  ...rest,
                  objectiveId: objective.id,
                  version: objective.version,
                }),
            }
          : create
      }
      onClose={onClose}
    >
      {(problem) => (
        <>
          <Field label="Name" help="Alerts carry it" error={problem('name')}>
            <Input
              autoFocus
              autoComplete="off"
              value={name}
              placeholder="cart is there"
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
          {objective ? null : (
            <Field label="Mesh" help="Counted over all of its clusters" error={problem('meshId')}>
              <Select value={meshId} onChange={(event) => setMeshId(event.target.value)}>
                {meshes.map((mesh) => (
                  <option key={mesh.id} value={mesh.id}>
                    {mesh.name}
                  </option>
                ))}
              </Select>
            </Field>
          )}
          <div className="grid gap-4 sm:grid-cols-3">
            <Field label="Of a" help="What is asked">
              <Select
                value={subjectKind}
                onChange={(event) => setSubjectKind(event.target.value as Subject['kind'])}
              >
                {objectiveSubjects.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </Select>
            </Field>
            <Field label="Namespace" error={problem('subject')}>
              <Input
                value={namespace}
                placeholder="shop"
                onChange={(event) => setNamespace(event.target.value)}
              />
            </Field>
            <Field label="Its name">
              <Input
                value={subjectName}
                placeholder="cart"
                onChange={(event) => setSubjectName(event.target.value)}
              />
            </Field>
          </div>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Promise" help="What counts as good">
              <Select value={kind} onChange={(event) => setKind(event.target.value as typeof kind)}>
                {objectiveKinds.map((each) => (
                  <option key={each} value={each}>
                    {each === 'latency' ? 'latency: answered in time' : 'availability: no error'}
                  </option>
                ))}
              </Select>
            </Field>
            {kind === 'latency' ? (
              <Field
                label="Within"
                help="Bounds of Istio’s histogram"
                error={problem('thresholdMs')}
              >
                <Select
                  value={threshold}
                  onChange={(event) => setThreshold(Number(event.target.value))}
                >
                  {latencyThresholdsMs.map((ms) => (
                    <option key={ms} value={ms}>
                      {ms} ms
                    </option>
                  ))}
                </Select>
              </Field>
            ) : null}
            <Field
              label="Target, in percent"
              standard="99.9"
              help="How many are to be good; the rest is the budget"
              error={problem('target')}
            >
              <Input
                inputMode="decimal"
                value={target}
                onChange={(event) => setTarget(event.target.value)}
              />
            </Field>
            <Field label="Window" standard="30 days" help="It slides" error={problem('periodDays')}>
              <Select value={days} onChange={(event) => setDays(event.target.value)}>
                {[...new Set(['1', '7', '14', '28', '30', '90', days])].map((each) => (
                  <option key={each} value={each}>
                    {each} {each === '1' ? 'day' : 'days'}
                  </option>
                ))}
              </Select>
            </Field>
          </div>
          <Check
            label="Raise alerts"
            help="Page: the budget burns 14.4 times too fast over 1 h, or 6 times over 6 h. Ticket: 3 times over 1 d, or 1 time over 3 d."
            checked={alerting}
            onChange={(event) => setAlerting(event.target.checked)}
          />
          <Preview meshId={meshId} promise={promise} />
        </>
      )}
    </FormDialog>
  );
}

const shown = (share: number): number => Number((share * 100).toPrecision(7));

type Promised = {
  subject: Subject;
  kind: Objective['kind'];
  thresholdMs: number | null;
  target: number;
  periodDays: number;
};

/** What it would have said about the last days. */
function Preview({ meshId, promise }: { meshId: string; promise: Promised }) {
  const trpc = useTRPC();
  const asked = useDebounced(JSON.stringify({ meshId, ...promise, days: 3 }), 500);
  const parsed = objectiveCreate.input.safeParse({
    ...(JSON.parse(asked) as object),
    name: 'preview',
  });
  const input = parsed.success ? parsed.data : null;
  const query = useQuery({
    ...trpc.objective.preview.queryOptions({
      meshId: input?.meshId ?? '',
      subject: input?.subject ?? promise.subject,
      kind: input?.kind ?? promise.kind,
      thresholdMs: input?.thresholdMs ?? null,
      target: input?.target ?? 0.9,
      periodDays: input?.periodDays ?? 1,
      days: 3,
    }),
    enabled: input !== null,
    placeholderData: keepPreviousData,
  });
  return (
    <section aria-label="Preview" className="rounded-lg border border-line bg-sunken p-3">
      <h3 className="mb-1 text-sm font-medium">What the last three days say</h3>
      {input === null ? (
        <p className="text-sm text-ink-3">Give a namespace, a name and a target.</p>
      ) : query.error ? (
        <ErrorNote error={query.error} />
      ) : query.data ? (
        <>
          <p className="mb-2 text-sm text-ink-2" aria-live="polite">
            <ObjectiveState state={query.data.status.state} />{' '}
            {query.data.status.total > 0
              ? `${exactShareText(query.data.status.reached)} of ${Math.round(query.data.status.total).toLocaleString('en')} requests were good.`
              : query.data.status.message}
          </p>
          <HistoryChart history={query.data.history} target={promise.target} />
        </>
      ) : (
        <Skeleton lines={3} />
      )}
    </section>
  );
}
