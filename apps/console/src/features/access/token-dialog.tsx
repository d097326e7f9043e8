'use client';

import { tokenCreate } from '@ambit/contracts/operations/access';
import { describeLimits, limitedRoles } from '@ambit/contracts/limits';
import type { Role } from '@ambit/contracts/roles';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Code } from '@/ui/copy.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Field, Input } from '@/ui/field.tsx';
import { FormDialog } from '@/ui/form-dialog.tsx';
import { Note } from '@/ui/states.tsx';
import { Time } from '@/ui/time.tsx';
import { limitsOfDraft, noLimit } from './limit-draft.ts';
import { LimitFields } from './limit-fields.tsx';
import { RoleChoice } from './role-choice.tsx';

export function TokenDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState('90');
  const [limit, setLimit] = useState(noLimit);
  const limitable = (limitedRoles as readonly Role[]).includes(role);
  const limits = limitable ? limitsOfDraft(limit) : undefined;
  const create = useMutation(
    trpc.token.create.mutationOptions({
      onSuccess: () => void cache.invalidateQueries({ queryKey: [['token']] }),
    }),
  );
  if (create.data)
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={`Token ${create.data.name}`}
        footer={
          <Button variant="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      >
        <div className="flex flex-col gap-3">
          <Note tone="warn" title="Copy the secret now">
            It is not shown again; only its hash is kept.
          </Note>
          <Code code={create.data.secret} label="token secret" />
          <p className="text-ink-2">
            Role {create.data.role}
            {create.data.limits ? `, limited to ${describeLimits(create.data.limits)}` : ''}, ends{' '}
            <Time at={create.data.expiresAt} />. Use it so:
          </p>
          <Code
            label="example"
            code={`export AMBIT_TOKEN=${create.data.secret}\ncurl -H "Authorization: Bearer $AMBIT_TOKEN" ${window.location.origin}/v1/me`}
          />
        </div>
      </Dialog>
    );
  return (
    <FormDialog
      title="Create a token"
      verb="token.create"
      schema={tokenCreate.input}
      input={{ name, role, expiresInDays: Number(days), ...(limits ? { limits } : {}) }}
      sample={{ name: 'ci' }}
      action="Create token"
      mutation={create}
      onClose={onClose}
    >
      {(problem) => (
        <>
          <Field label="Name" help="What uses it, to recognise it by" error={problem('name')}>
            <Input
              autoFocus
              autoComplete="off"
              value={name}
              placeholder="ci"
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
          <RoleChoice value={role} onChange={setRole} />
          {limitable ? (
            <LimitFields value={limit} onChange={setLimit} error={problem('limits')} />
          ) : null}
          <Field
            label="Valid for, in days"
            standard="90"
            help="1 to 365; afterwards it is refused"
            error={problem('expiresInDays')}
          >
            <Input
              inputMode="numeric"
              value={days}
              onChange={(event) => setDays(event.target.value)}
            />
          </Field>
        </>
      )}
    </FormDialog>
  );
}
