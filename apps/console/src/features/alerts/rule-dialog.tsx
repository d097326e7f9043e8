'use client';

import { alertRuleCreate } from '@ambit/contracts/operations/alert';
import {
  alertSources,
  type AlertSource,
  type Matcher,
  type SignalCondition,
} from '@ambit/contracts/alerts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { Check, Field, Input, Select } from '@/ui/field.tsx';
import { FormDialog } from '@/ui/form-dialog.tsx';
import { notify } from '@/ui/toast.ts';
import type { AlertRule } from './alert-rules.tsx';
import { Matchers } from './matchers.tsx';
import { SignalFields } from './signal-fields.tsx';

const usual: SignalCondition = {
  of: 'service',
  signal: 'errorShare',
  op: 'above',
  threshold: 0.05,
  minRate: 0.1,
  severity: 'error',
};
const sourceWords: Record<AlertSource, string> = {
  finding: 'findings of the diagnosis',
  signal: 'signals of traffic',
  objective: 'objectives whose budget burns',
};

export function RuleDialog({ rule, onClose }: { rule: AlertRule | null; onClose: () => void }) {
  const trpc = useTRPC();
  const meshes = useQuery(trpc.mesh.list.queryOptions({ limit: 500 })).data?.items ?? [];
  const [name, setName] = useState(rule?.name ?? '');
  const [enabled, setEnabled] = useState(rule?.enabled ?? true);
  const [meshId, setMeshId] = useState(rule?.meshId ?? '');
  const [matchers, setMatchers] = useState<Matcher[]>(
    rule?.matchers ?? [{ label: 'severity', op: '=', value: 'error' }],
  );
  const [source, setSource] = useState<AlertSource>(rule?.source ?? 'finding');
  const [signal, setSignal] = useState<SignalCondition>(rule?.signal ?? usual);
  const [forSeconds, setForSeconds] = useState(String(rule?.forSeconds ?? 60));
  const [keep, setKeep] = useState(String(rule?.keepFiringSeconds ?? 60));
  const done = {
    onSuccess: () => {
      notify.done('The rule is stored');
      onClose();
    },
  };
  const create = useMutation(trpc.alertRule.create.mutationOptions(done));
  const update = useMutation(trpc.alertRule.update.mutationOptions(done));
  const input = {
    name,
    enabled,
    source,
    signal: source === 'signal' ? signal : null,
    meshId: meshId || null,
    matchers,
    forSeconds: Number(forSeconds),
    keepFiringSeconds: Number(keep),
    labels: rule?.labels ?? {},
  };
  return (
    <FormDialog
      title={rule ? `Edit ${rule.name}` : 'New alert rule'}
      verb="alertRule.create"
      schema={alertRuleCreate.input}
      input={input}
      sample={{ name: 'errors' }}
      action="Store rule"
      mutation={
        rule
          ? {
              ...update,
              mutate: (rest) =>
                update.mutate({ ...rest, alertRuleId: rule.id, version: rule.version }),
            }
          : create
      }
      onClose={onClose}
    >
      {(problem) => (
        <>
          <Field label="Name" help="Receivers see it as alertname" error={problem('name')}>
            <Input
              autoFocus
              autoComplete="off"
              value={name}
              placeholder="errors"
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
          <Field label="About" help="What raises its alerts">
            <Select
              value={source}
              onChange={(event) => {
                setSource(event.target.value as AlertSource);
                // A signal has the severity its rule gives it.
                if (event.target.value !== 'finding' && !rule) setMatchers([]);
              }}
            >
              {alertSources.map((each) => (
                <option key={each} value={each}>
                  {sourceWords[each]}
                </option>
              ))}
            </Select>
          </Field>
          {source === 'signal' ? (
            <SignalFields value={signal} onChange={setSignal} error={problem('signal')} />
          ) : null}
          <Matchers
            legend={source === 'finding' ? 'Findings where' : 'Only where'}
            help="All conditions must hold; none means everything."
            value={matchers}
            onChange={setMatchers}
            error={problem('matchers')}
          />
          <Field label="Mesh" help="Where to look">
            <Select value={meshId} onChange={(event) => setMeshId(event.target.value)}>
              <option value="">Every mesh</option>
              {meshes.map((mesh) => (
                <option key={mesh.id} value={mesh.id}>
                  {mesh.name}
                </option>
              ))}
            </Select>
          </Field>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field
              label="Fires after, in seconds"
              help="It must last so long; 0 fires at once"
              error={problem('forSeconds')}
            >
              <Input
                inputMode="numeric"
                value={forSeconds}
                onChange={(event) => setForSeconds(event.target.value)}
              />
            </Field>
            <Field
              label="Resolves after, in seconds"
              standard="60"
              help={
                source === 'signal'
                  ? 'It must be gone so long, so that it does not flap; signals are rates over a minute, which takes up to a minute more'
                  : 'It must be gone so long, so that it does not flap'
              }
              error={problem('keepFiringSeconds')}
            >
              <Input
                inputMode="numeric"
                value={keep}
                onChange={(event) => setKeep(event.target.value)}
              />
            </Field>
          </div>
          <Check
            label="On"
            help="Off resolves its alerts"
            checked={enabled}
            onChange={(event) => setEnabled(event.target.checked)}
          />
        </>
      )}
    </FormDialog>
  );
}
