'use client';

import { tokenCreate } from '@ambit/contracts/operations/access';
import type { Role } from '@ambit/contracts/roles';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Code } from '@/ui/copy.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Field, Input } from '@/ui/field.tsx';
import { ErrorNote, Note } from '@/ui/states.tsx';
import { Time } from '@/ui/time.tsx';
import { RoleChoice } from './role-choice.tsx';

export function TokenDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState('90');
  const [touched, setTouched] = useState(false);
  const create = useMutation(
    trpc.token.create.mutationOptions({
      onSuccess: () => void cache.invalidateQueries({ queryKey: [['token']] }),
    }),
  );
  const input = { name, role, expiresInDays: Number(days) };
  const checked = tokenCreate.input.safeParse(input);
  const problem = (field: string) =>
    touched && !checked.success
      ? checked.error.issues.find((issue) => issue.path[0] === field)?.message
      : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTouched(true);
    if (checked.success) create.mutate(input);
  };
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
            Role {create.data.role}, ends <Time at={create.data.expiresAt} />. Use it so:
          </p>
          <Code
            label="example"
            code={`export AMBIT_TOKEN=${create.data.secret}\ncurl -H "Authorization: Bearer $AMBIT_TOKEN" ${window.location.origin}/v1/me`}
          />
        </div>
      </Dialog>
    );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Create a token"
      footer={
        <>
          <CopyAs verb="token.create" input={{ ...input, name: name || 'ci' }} />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="token-form" variant="primary" busy={create.isPending}>
            Create token
          </Button>
        </>
      }
    >
      <form id="token-form" noValidate onSubmit={submit} className="flex flex-col gap-4">
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
        <ErrorNote error={create.error} />
      </form>
    </Dialog>
  );
}
