'use client';

import { useQuery } from '@tanstack/react-query';
import { parseAsString, useQueryStates } from 'nuqs';
import { useId } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useDebounced } from '@/lib/use-debounced.ts';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Field, Input, Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { Empty, ErrorState, Skeleton } from '@/ui/states.tsx';
import { StatusIcon } from '@/ui/status.tsx';
import { Hops } from './hops.tsx';
import { EnrolmentViews } from './views.tsx';

type Pair = Outputs['enrolment']['pair'];

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];

/** What a pair of workloads gets, and the way of a request between them, hop by hop. */
export function PathPage() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [asked, setAsked] = useQueryStates({
    cluster: parseAsString.withDefault(mesh.clusters[0]?.id ?? ''),
    from: parseAsString.withDefault(''),
    to: parseAsString.withDefault(''),
    method: parseAsString.withDefault('GET'),
    path: parseAsString.withDefault('/'),
  });
  const subjects = useAll(
    ['enrolment', 'list'],
    { meshId: mesh.id, level: 'workload' as const, clusterId: asked.cluster },
    (page) => client.enrolment.list.query(page),
  );
  const services = useAll(
    ['enrolment', 'list'],
    { meshId: mesh.id, level: 'service' as const, clusterId: asked.cluster },
    (page) => client.enrolment.list.query(page),
  );
  const isAsked = asked.from !== '' && asked.to !== '';
  const ends = {
    meshId: mesh.id,
    clusterId: asked.cluster,
    from: asked.from,
    to: asked.to,
  };
  const settledPath = useDebounced(asked.path, 300);
  const pathInput = { ...ends, method: asked.method, path: settledPath || '/' };
  const pair = useQuery(trpc.enrolment.pair.queryOptions(ends, { enabled: isAsked }));
  const path = useQuery(trpc.path.get.queryOptions(pathInput, { enabled: isAsked }));
  const nameOf = ({ namespace, name }: { namespace: string; name: string }) =>
    `${namespace}/${name}`;
  const workloads = (subjects.data?.items ?? []).map(nameOf);
  const targets = (services.data?.items ?? []).map(nameOf);

  return (
    <>
      <EnrolmentViews />
      <form
        aria-label="Between whom"
        onSubmit={(event) => event.preventDefault()}
        className="card mb-4 grid gap-3 p-4 sm:grid-cols-2 lg:grid-cols-5"
      >
        {mesh.clusters.length > 1 ? (
          <Field label="Cluster">
            <Select
              value={asked.cluster}
              onChange={(event) => void setAsked({ cluster: event.target.value })}
            >
              {mesh.clusters.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
        ) : null}
        <Choice
          label="From"
          value={asked.from}
          choices={workloads}
          more={[
            ['ingress', 'the gateways of the mesh'],
            ['outside', 'a client outside the mesh'],
          ]}
          onChange={(from) => void setAsked({ from })}
        />
        <Choice
          label="To"
          value={asked.to}
          choices={targets}
          more={[]}
          onChange={(to) => void setAsked({ to })}
        />
        <Field label="Method">
          <Select
            value={asked.method}
            onChange={(event) => void setAsked({ method: event.target.value })}
          >
            {methods.map((method) => (
              <option key={method}>{method}</option>
            ))}
          </Select>
        </Field>
        <Field label="Path">
          <Input
            value={asked.path}
            onChange={(event) => void setAsked({ path: event.target.value })}
          />
        </Field>
      </form>
      {isAsked ? null : (
        <div className="card">
          <Empty title="Choose two ends">
            What traffic between them gets is told from what carries each of them, and its way is
            drawn hop by hop.
          </Empty>
        </div>
      )}
      {isAsked && path.error && !path.data ? (
        <div className="card">
          <ErrorState error={path.error} what="the path" onRetry={() => void path.refetch()} />
        </div>
      ) : null}
      {isAsked && !path.error && !path.data ? <Skeleton lines={6} /> : null}
      {isAsked && path.data ? (
        <div className="flex flex-col gap-6">
          <p className="flex items-start gap-2 text-base" aria-live="polite">
            <span className="mt-1">
              <StatusIcon status={verdicts[path.data.verdict]} />
            </span>
            <span>
              <span className="font-medium">{verdictWords[path.data.verdict]}.</span>{' '}
              {path.data.sentence}
            </span>
          </p>
          {pair.data ? <Gets pair={pair.data} /> : null}
          <Section title="Hop by hop" bare actions={<CopyAs verb="path.get" input={pathInput} />}>
            <Hops hops={path.data.hops} />
          </Section>
          <ul aria-label="Notes" className="list-disc pl-5 text-sm text-ink-3">
            {path.data.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </div>
      ) : null}
    </>
  );
}

const verdicts = { passes: 'ok', refused: 'refused', broken: 'error', unknown: 'unknown' };
const verdictWords = {
  passes: 'A request passes',
  refused: 'A request is refused',
  broken: 'The path is broken',
  unknown: 'Not known',
};

/** One end: found by typing, from what there is. */
function Choice(props: {
  label: string;
  value: string;
  choices: string[];
  more: [value: string, words: string][];
  onChange: (value: string) => void;
}) {
  const listId = useId();
  return (
    <Field label={props.label}>
      <Input
        list={listId}
        value={props.value}
        placeholder="namespace/name"
        autoComplete="off"
        onChange={(event) => props.onChange(event.target.value)}
      />
      <datalist id={listId}>
        {props.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
        {props.more.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </datalist>
    </Field>
  );
}

const levels = { yes: 'ok', part: 'partial', no: 'error', unknown: 'unknown' };
const levelWords = { yes: 'Yes', part: 'In part', no: 'No', unknown: 'Not known' };

function Gets({ pair }: { pair: Pair }) {
  const rows = [
    ['mTLS', pair.mtls],
    ['L4 policy', pair.l4Policy],
    ['L7 policy', pair.l7Policy],
    ['Telemetry', pair.telemetry],
  ] as const;
  return (
    <Section title="What this pair gets" bare text={pair.sentence}>
      <dl className="card divide-y divide-line">
        {rows.map(([name, gets]) => (
          <div key={name} className="flex flex-wrap items-baseline gap-x-4 gap-y-1 px-4 py-2.5">
            <dt className="w-24 shrink-0 font-medium">{name}</dt>
            <dd className="flex min-w-0 grow basis-60 items-start gap-2 text-sm">
              <span className="mt-0.5">
                <StatusIcon status={levels[gets.level]} />
              </span>
              <span className="min-w-0">
                {levelWords[gets.level]}: <span className="text-ink-2">{gets.why}</span>
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
