'use client';

import { useSearchParams } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { requestJson } from '@/lib/errors.ts';
import { safeNext } from '@/lib/paths.ts';
import { Button } from '@/ui/button.tsx';
import { Field, Input } from '@/ui/field.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { AuthFrame } from './frame.tsx';

export async function signIn(email: string, password: string): Promise<void> {
  await requestJson('/auth/sign-in/email', {
    method: 'POST',
    body: JSON.stringify({ email, password }),
  });
}

export function SignIn() {
  const next = safeNext(useSearchParams().get('next'));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await signIn(String(form.get('email')), String(form.get('password')));
      window.location.assign(next);
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };

  return (
    <AuthFrame title="Sign in">
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <Field label="Email">
          <Input name="email" type="email" autoComplete="username" required autoFocus />
        </Field>
        <Field label="Password">
          <Input name="password" type="password" autoComplete="current-password" required />
        </Field>
        <ErrorNote error={error} />
        <Button type="submit" variant="primary" busy={busy} className="w-full">
          Sign in
        </Button>
        <p className="text-xs text-ink-3">
          On a machine that runs <code className="font-mono">npm start</code>, the first email and
          password are printed there and kept in{' '}
          <code className="font-mono">.ambit/admin.json</code>. Others join by an invitation.
        </p>
      </form>
    </AuthFrame>
  );
}
