'use client';

import { integrationCreate, integrationUpdate } from '@ambit/contracts/operations/integration';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { Field, Input, RadioCards } from '@/ui/field.tsx';
import { FormDialog } from '@/ui/form-dialog.tsx';
import { notify } from '@/ui/toast.ts';
import { draftOf, inputOf, type Draft, type Integration } from './draft.ts';
import { ConnectionFields, ScopeField } from './integration-fields.tsx';
import { kindWords } from './kinds.ts';

interface Props {
  integration: Integration | null;
  onClose: () => void;
  /** It is stored: now it can be tested. */
  onStored: (integration: Integration) => void;
}

/** Connects a server, or changes how it is asked. */
export function IntegrationDialog({ integration, onClose, onStored }: Props) {
  const trpc = useTRPC();
  const [draft, setDraft] = useState<Draft>(() => draftOf(integration));
  const stored = (made: Integration) => {
    notify.done(`${made.name} is stored`);
    onStored(made);
  };
  const create = useMutation(trpc.integration.create.mutationOptions({ onSuccess: stored }));
  const update = useMutation(trpc.integration.update.mutationOptions({ onSuccess: stored }));
  const { kind, ...settings } = inputOf(draft);
  const fields = (problem: (field: string) => string | undefined) => (
    <>
      {integration === null ? (
        <RadioCards
          legend="Kind"
          name="kind"
          value={draft.kind}
          onChange={(value) => setDraft({ ...draft, kind: value })}
          options={Object.entries(kindWords).map(([value, { name, text }]) => ({
            value: value as Draft['kind'],
            title: name,
            text,
          }))}
        />
      ) : null}
      <Field label="Name" error={problem('name')}>
        <Input
          autoFocus
          autoComplete="off"
          value={draft.name}
          placeholder={draft.kind}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
        />
      </Field>
      <ScopeField draft={draft} onChange={setDraft} problem={problem} />
      <ConnectionFields
        draft={draft}
        onChange={setDraft}
        problem={problem}
        hasSecrets={integration !== null}
      />
    </>
  );
  return integration === null ? (
    <FormDialog
      title="Connect a server"
      description="It is tested as soon as it is stored."
      verb="integration.create"
      schema={integrationCreate.input}
      input={{ kind, ...settings }}
      sample={{ name: 'metrics', address: kindWords[kind].placeholder }}
      action="Store and test"
      mutation={create}
      onClose={onClose}
    >
      {fields}
    </FormDialog>
  ) : (
    <FormDialog
      title={`Edit ${integration.name}`}
      description="It is tested as soon as it is stored."
      verb="integration.update"
      schema={integrationUpdate.input}
      input={{ integrationId: integration.id, version: integration.version, ...settings }}
      sample={{}}
      action="Store and test"
      mutation={update}
      onClose={onClose}
    >
      {fields}
    </FormDialog>
  );
}
