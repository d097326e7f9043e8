'use client';

import { invitationCreate } from '@ambit/contracts/operations/access';
import type { Role } from '@ambit/contracts/roles';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Code } from '@/ui/copy.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Field, Input } from '@/ui/field.tsx';
import { FormDialog } from '@/ui/form-dialog.tsx';
import { Time } from '@/ui/time.tsx';
import { RoleChoice } from './role-choice.tsx';

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const invite = useMutation(
    trpc.invitation.create.mutationOptions({
      onSuccess: () => void cache.invalidateQueries({ queryKey: [['invitation']] }),
    }),
  );
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
    <FormDialog
      title="Invite a member"
      description="Ambit sends no mail: you get a link to hand on."
      verb="invitation.create"
      schema={invitationCreate.input}
      input={{ email, role }}
      sample={{ email: 'someone@example.com' }}
      action="Make the link"
      mutation={invite}
      onClose={onClose}
    >
      {(problem) => (
        <>
          <Field
            label="Email"
            error={problem('email') && 'An email address such as someone@example.com.'}
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
        </>
      )}
    </FormDialog>
  );
}
