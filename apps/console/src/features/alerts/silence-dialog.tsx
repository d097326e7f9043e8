'use client';

import type { Matcher } from '@ambit/contracts/alerts';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Field, Input, Select } from '@/ui/field.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';
import { Matchers } from './matchers.tsx';

const hoursChoices: [hours: string, words: string][] = [
  ['1', '1 hour'],
  ['4', '4 hours'],
  ['24', '1 day'],
  ['168', '1 week'],
  ['720', '30 days'],
];

export function SilenceDialog(props: { matchers: Matcher[]; onClose: () => void }) {
  const { onClose } = props;
  const trpc = useTRPC();
  const [matchers, setMatchers] = useState(props.matchers);
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState('4');
  const [touched, setTouched] = useState(false);
  const create = useMutation(
    trpc.silence.create.mutationOptions({
      onSuccess: () => {
        notify.done('Silenced');
        onClose();
      },
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTouched(true);
    if (!reason.trim() || matchers.length === 0) return;
    const endsAt = new Date(Date.now() + Number(hours) * 3_600_000).toISOString();
    create.mutate({ matchers, reason, endsAt });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Silence alerts"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="silence-form" variant="primary" busy={create.isPending}>
            Silence
          </Button>
        </>
      }
    >
      <form id="silence-form" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Matchers
          legend="Alerts with these labels"
          help="All conditions must hold; * stands for any text in “is like”."
          value={matchers}
          onChange={setMatchers}
          error={touched && matchers.length === 0 ? 'give at least one condition' : undefined}
        />
        <Field
          label="Reason"
          help="Everyone sees it beside the alerts"
          error={touched && !reason.trim() ? 'say why' : undefined}
        >
          <Input autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
        </Field>
        <Field label="How long" help="Afterwards they are told, if they still fire">
          <Select value={hours} onChange={(event) => setHours(event.target.value)}>
            {hoursChoices.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </Select>
        </Field>
        <ErrorNote error={create.error} />
      </form>
    </Dialog>
  );
}
