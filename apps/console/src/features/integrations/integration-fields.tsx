'use client';

import type { ChangeEvent } from 'react';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Check, Field, Input, Select, Textarea } from '@/ui/field.tsx';
import type { Draft } from './draft.ts';
import { kindWords } from './kinds.ts';

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
  problem: (field: string) => string | undefined;
  /** Secrets may be left empty: those that are stored stay. */
  hasSecrets: boolean;
}

export function ScopeField({ draft, onChange, problem }: Omit<Props, 'hasSecrets'>) {
  const client = useTRPCClient();
  const meshes = useAll(['mesh', 'list'], {}, (page) => client.mesh.list.query(page));
  const clusters = useAll(['cluster', 'list'], {}, (page) => client.cluster.list.query(page));
  const inside = draft.reach === 'agent';
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field
        label="Reached"
        help={
          inside
            ? 'The platform asks the agent of the cluster, which asks the server: nothing has to be opened.'
            : 'The platform calls the address itself. Addresses inside private networks need the operator’s leave.'
        }
      >
        <Select
          value={draft.reach}
          onChange={(event) => onChange({ ...draft, reach: event.target.value as Draft['reach'] })}
        >
          <option value="platform">from the platform</option>
          <option value="agent">through the agent of a cluster</option>
        </Select>
      </Field>
      <Field
        label="Tells of"
        help={
          inside
            ? 'The cluster that it runs in'
            : 'One cluster, one mesh with all its clusters, or everything'
        }
        error={problem('clusterId') ?? problem('meshId')}
      >
        <Select
          value={draft.scope}
          onChange={(event) => onChange({ ...draft, scope: event.target.value })}
        >
          <option value="all" disabled={inside}>
            all meshes of the organisation
          </option>
          {(meshes.data?.items ?? []).map(({ id, name }) => (
            <option key={id} value={id} disabled={inside}>
              mesh {name}
            </option>
          ))}
          {(clusters.data?.items ?? []).map(({ id, name }) => (
            <option key={id} value={id}>
              cluster {name}
            </option>
          ))}
        </Select>
      </Field>
    </div>
  );
}

export function ConnectionFields({ draft, onChange, problem, hasSecrets }: Props) {
  const bind = (
    key: 'address' | 'username' | 'password' | 'token' | 'timeoutS' | 'matchers' | 'traceUrl',
  ) => ({
    value: draft[key],
    autoComplete: 'off',
    onChange: (event: ChangeEvent<HTMLInputElement>) =>
      onChange({ ...draft, [key]: event.target.value }),
  });
  const words = kindWords[draft.kind];
  const kept = hasSecrets ? 'Empty: the stored one stays' : undefined;
  return (
    <>
      <Field label="Address" help={words.help} error={problem('address')}>
        <Input placeholder={words.placeholder} {...bind('address')} />
      </Field>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field label="Signs in" error={problem('auth')}>
          <Select
            value={draft.auth}
            onChange={(event) => onChange({ ...draft, auth: event.target.value as Draft['auth'] })}
          >
            <option value="none">not at all</option>
            <option value="basic">by user and password</option>
            <option value="bearer">by a token</option>
          </Select>
        </Field>
        {draft.auth === 'basic' ? (
          <>
            <Field label="User">
              <Input {...bind('username')} />
            </Field>
            <Field label="Password" help={kept}>
              <Input type="password" {...bind('password')} autoComplete="new-password" />
            </Field>
          </>
        ) : null}
        {draft.auth === 'bearer' ? (
          <Field label="Token" help={kept} className="sm:col-span-2">
            <Input type="password" {...bind('token')} autoComplete="new-password" />
          </Field>
        ) : null}
      </div>
      <Field
        label="Headers"
        optional
        help="One a line, such as X-Scope-OrgID: shop. A line that begins with ! is secret: stored sealed, never shown again."
        error={problem('headers')}
      >
        <Textarea
          rows={2}
          value={draft.headers}
          onChange={(event) => onChange({ ...draft, headers: event.target.value })}
        />
      </Field>
      {draft.kind === 'prometheus' ? (
        <>
          <Field
            label="Matchers"
            optional
            help='PromQL matchers of every query, to find one mesh in a shared server. $mesh and $cluster stand for names: mesh_id="$mesh".'
            error={problem('matchers')}
          >
            <Input {...bind('matchers')} />
          </Field>
          <Check
            label="Latency and bytes"
            help="Asks for histograms of durations too, each minute. Off for servers that cannot bear it."
            checked={draft.latency}
            onChange={(event) => onChange({ ...draft, latency: event.target.checked })}
          />
        </>
      ) : null}
      {draft.kind === 'prometheus' ? null : (
        <Field
          label="Page of a trace"
          optional
          help={
            draft.kind === 'tempo'
              ? 'Where people read one, such as Grafana; {traceId} stands for its id. Without it there is no link to the source.'
              : 'Where people read one; {traceId} stands for its id. Empty: its own page, when it is reached from the platform.'
          }
          error={problem('traceUrl')}
        >
          <Input
            placeholder="https://grafana.example.com/explore?trace={traceId}"
            {...bind('traceUrl')}
          />
        </Field>
      )}
      <details>
        <summary className="text-sm font-medium">Certificates and time-out</summary>
        <div className="mt-3 flex flex-col gap-4">
          <Field
            label="CA certificate"
            optional
            help="PEM; trusted beside the usual ones"
            error={problem('caPem')}
          >
            <Textarea
              rows={3}
              value={draft.caPem}
              onChange={(event) => onChange({ ...draft, caPem: event.target.value })}
            />
          </Field>
          {draft.reach === 'platform' ? (
            <Check
              label="Take any certificate"
              help="Whoever is in between may read and change what is asked. Only to try something."
              checked={draft.insecureSkipVerify}
              onChange={(event) => onChange({ ...draft, insecureSkipVerify: event.target.checked })}
            />
          ) : null}
          <Field
            label="Time-out, in seconds"
            standard="15"
            help="After it an answer counts as missing, and the rest is shown"
            error={problem('timeoutMs')}
          >
            <Input inputMode="decimal" {...bind('timeoutS')} />
          </Field>
        </div>
      </details>
    </>
  );
}
