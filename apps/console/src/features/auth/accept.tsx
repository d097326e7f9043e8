'use client';

import type { OpenInvitation } from '@ambit/contracts/welcome';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { requestJson } from '@/lib/errors.ts';
import { paths } from '@/lib/paths.ts';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { Field, Input } from '@/ui/field.tsx';
import { ErrorNote, ErrorState, Skeleton } from '@/ui/states.tsx';
import { Time } from '@/ui/time.tsx';
import { AuthFrame } from './frame.tsx';
import { signIn } from './sign-in.tsx';

/** Joins an organisation by an invitation's link. */
export function Accept({ token }: { token: string }) {
  const path = `/v1/invitations/open/${encodeURIComponent(token)}`;
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => requestJson<OpenInvitation>(path),
    retry: false,
  });
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  if (invitation.error)
    return (
      <AuthFrame title="Invitation">
        <div className="card">
          <ErrorState error={invitation.error} what="this invitation" />
        </div>
        <div className="mt-4">
          <ButtonLink href={paths.signIn()}>Go to sign-in</ButtonLink>
        </div>
      </AuthFrame>
    );
  if (!invitation.data)
    return (
      <AuthFrame title="Invitation">
        <Skeleton />
      </AuthFrame>
    );
  const { email, role, expiresAt, hasAccount } = invitation.data;
  const organisation = invitation.data.organisation.name;

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get('password'));
    setBusy(true);
    setError(null);
    try {
      await requestJson(`${path}/accept`, {
        method: 'POST',
        body: JSON.stringify({ name: String(form.get('name') ?? '') || email, password }),
      });
      await signIn(email, password);
      window.location.assign(paths.home());
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };

  return (
    <AuthFrame
      title={`Join ${organisation}`}
      text={
        <>
          {email} is invited as {role}. The invitation ends <Time at={expiresAt} />.
        </>
      }
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        {hasAccount ? null : (
          <Field label="Name" help="As others in the organisation see you.">
            <Input name="name" autoComplete="name" required maxLength={80} autoFocus />
          </Field>
        )}
        <Field
          label="Password"
          help={hasAccount ? 'The password you already have here.' : 'At least 12 characters.'}
        >
          <Input
            name="password"
            type="password"
            required
            minLength={hasAccount ? 1 : 12}
            autoComplete={hasAccount ? 'current-password' : 'new-password'}
          />
        </Field>
        <ErrorNote error={error} />
        <Button type="submit" variant="primary" busy={busy} className="w-full">
          Join {organisation}
        </Button>
      </form>
    </AuthFrame>
  );
}
