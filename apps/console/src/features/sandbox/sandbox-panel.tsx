'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Field, Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorNote, Skeleton } from '@/ui/states.tsx';
import { StatusIcon } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';
import { faultChoices, mendOf } from './faults.ts';

type Sandbox = Outputs['sandbox']['get'];

/** Breaks and mends things of the simulated cluster, to see what the platform makes of it. */
export function SandboxPanel({ clusterId }: { clusterId: string }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const input = { clusterId };
  const query = useQuery({ ...trpc.sandbox.get.queryOptions(input), retry: false });
  const inject = useMutation(
    trpc.sandbox.inject.mutationOptions({
      onSuccess: (state) => cache.setQueryData(trpc.sandbox.get.queryKey(input), state),
    }),
  );
  const send: Send = (kind, target, words) =>
    inject.mutate({ clusterId, kind, target }, { onSuccess: () => notify.done(words) });
  return (
    <Section
      title="Sandbox"
      text="Break something of this simulated cluster on purpose, and see how it shows."
      bare
    >
      <div className="card divide-y divide-line">
        {query.data ? (
          <>
            <Broken faults={query.data.faults} busy={inject.isPending} send={send} />
            <BreakForm
              clusterId={clusterId}
              targets={query.data.targets}
              busy={inject.isPending}
              send={send}
            />
          </>
        ) : (
          <div className="p-4">
            {query.error ? <ErrorNote error={query.error} /> : <Skeleton />}
          </div>
        )}
        {inject.error ? (
          <div className="p-4">
            <ErrorNote error={inject.error} />
          </div>
        ) : null}
      </div>
    </Section>
  );
}

type Send = (kind: (typeof faultChoices)[number]['kind'], target: string, words: string) => void;

function Broken(props: { faults: Sandbox['faults']; busy: boolean; send: Send }) {
  const refused = useRefusal()('cluster.write');
  if (props.faults.length === 0)
    return (
      <p className="flex items-center gap-2 px-4 py-3 text-ink-2">
        <StatusIcon status="ok" /> Nothing is broken.
      </p>
    );
  return (
    <ul aria-label="Broken now" className="divide-y divide-line">
      {props.faults.map((fault) => {
        const mend = mendOf(fault.kind);
        return (
          <li key={fault.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
            <StatusIcon status="warning" />
            <span className="min-w-0 grow basis-52 break-words">
              <span className="inline-block first-letter:uppercase">{fault.message}</span>{' '}
              <span className="text-ink-3">
                since <Time at={fault.since} />
              </span>
            </span>
            {mend ? (
              <Button
                size="sm"
                busy={props.busy}
                disabledReason={refused}
                aria-label={`${mend.word} ${fault.target || 'the link'}`}
                onClick={() =>
                  props.send(
                    mend.kind,
                    fault.target,
                    `${fault.target || 'The link'} is whole again`,
                  )
                }
              >
                {mend.word}
              </Button>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

function BreakForm(props: {
  clusterId: string;
  targets: Sandbox['targets'];
  busy: boolean;
  send: Send;
}) {
  const refused = useRefusal()('cluster.write');
  const [kind, setKind] = useState(faultChoices[0]!.kind);
  const [chosen, setChosen] = useState('');
  const choice = faultChoices.find((each) => each.kind === kind)!;
  const targets = choice.targets ? props.targets[choice.targets] : [];
  const target = targets.includes(chosen) ? chosen : (targets[0] ?? '');
  const none = choice.targets && targets.length === 0 ? 'There is none in the cluster.' : undefined;
  return (
    <form
      className="grid items-start gap-3 p-4 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]"
      onSubmit={(event) => {
        event.preventDefault();
        if (!refused && !none) props.send(kind, target, `${choice.title}: done`);
      }}
    >
      <Field label="What to break" help={choice.text}>
        <Select value={kind} onChange={(event) => setKind(event.target.value as typeof kind)}>
          {faultChoices.map((each) => (
            <option key={each.kind} value={each.kind}>
              {each.title}
            </option>
          ))}
        </Select>
      </Field>
      {choice.targets ? (
        <Field label={choice.targetLabel}>
          <Select value={target} onChange={(event) => setChosen(event.target.value)}>
            {targets.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </Field>
      ) : (
        <span className="max-sm:hidden" />
      )}
      <div className="flex flex-wrap gap-2 sm:pt-6">
        <CopyAs
          verb="sandbox.inject"
          input={{ clusterId: props.clusterId, kind, ...(target ? { target } : {}) }}
        />
        <Button type="submit" variant="danger" busy={props.busy} disabledReason={refused ?? none}>
          {choice.action}
        </Button>
      </div>
    </form>
  );
}
