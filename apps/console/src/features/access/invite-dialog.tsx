'use client';

import type { Role } from '@ambit/contracts/roles';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { z } from 'zod';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Code } from '@/ui/copy.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Field, Input } from '@/ui/field.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { Time } from '@/ui/time.tsx';
import { RoleChoice } from './role-choice.tsx';

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [touched, setTouched] = useState(false);
  const invite = useMutation(
    trpc.invitation.create.mutationOptions({
      onSuccess: () => void cache.invalidateQueries({ queryKey: [['invitation']] }),
    }),
  );
  const valid = z.email().safeParse(email).success;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTouched(true);
    if (valid) invite.mutate({ email, role });
  };
  if (invite.data)
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={`${invite.data.email} is invited`}
        footer={
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <p className="mb-2 text-ink-2">
          Send this link to {invite.data.email}. It is shown once, works for that address only, and
          ends <Time at={invite.data.expiresAt} />.
        </p>
        <Code code={invite.data.link} label="invitation link" />
      </Dialog>
    );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Invite a member"
      description="Ambit sends no mail: you get a link to hand on."
      footer={
        <>
          <CopyAs
            verb="invitation.create"
            input={{ email: email || 'someone@example.com', role }}
          />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="invite-form" variant="primary" busy={invite.isPending}>
            Make the link
          </Button>
        </>
      }
    >
      <form id="invite-form" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Email"
          error={touched && !valid ? 'An email address such as someone@example.com.' : undefined}
        >
          <Input
            type="email"
            autoFocus
            autoComplete="off"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
        <RoleChoice value={role} onChange={setRole} />
        <ErrorNote error={invite.error} />
      </form>
    </Dialog>
  );
}
