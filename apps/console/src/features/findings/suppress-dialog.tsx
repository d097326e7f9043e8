'use client';

import { findingSuppress } from '@ambit/contracts/operations/finding';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Field, Input, RadioCards, Select } from '@/ui/field.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';

type Finding = Outputs['finding']['get'];
type Scope = 'this' | 'resource' | 'rule';

const daysChoices = ['1', '7', '30', '90', ''] as const;

export function SuppressDialog({ finding, onClose }: { finding: Finding; onClose: () => void }) {
  const trpc = useTRPC();
  const [scope, setScope] = useState<Scope>('this');
  const [reason, setReason] = useState('');
  const [days, setDays] = useState<string>('7');
  const [touched, setTouched] = useState(false);
  const suppress = useMutation(
    trpc.finding.suppress.mutationOptions({
      onSuccess: () => {
        notify.done('Suppressed');
        onClose();
      },
    }),
  );
  const inputNow = () => ({
    meshId: finding.meshId,
    code: scope === 'resource' ? '*' : finding.code,
    resource: scope === 'rule' ? '*' : finding.resource,
    reason,
    ...(days ? { expiresAt: new Date(Date.now() + Number(days) * 86_400_000).toISOString() } : {}),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTouched(true);
    const input = inputNow();
    if (findingSuppress.input.safeParse(input).success) suppress.mutate(input);
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Suppress ${finding.code}`}
      footer={
        <>
          <CopyAs
            verb="finding.suppress"
            input={{
              meshId: finding.meshId,
              code: scope === 'resource' ? '*' : finding.code,
              resource: scope === 'rule' ? '*' : finding.resource,
              reason: reason || 'why',
            }}
          />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="suppress-form" variant="primary" busy={suppress.isPending}>
            Suppress
          </Button>
        </>
      }
    >
      <form id="suppress-form" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <RadioCards
          legend="What is hidden"
          name="scope"
          value={scope}
          onChange={setScope}
          columns={3}
          options={[
            { value: 'this', title: 'This', text: `${finding.code} on this resource` },
            { value: 'resource', title: 'The resource', text: `Everything on ${finding.resource}` },
            { value: 'rule', title: 'The rule', text: `${finding.code} in the whole mesh` },
          ]}
        />
        <Field
          label="Reason"
          help="Everyone sees it beside what is hidden"
          error={touched && !reason.trim() ? 'say why' : undefined}
        >
          <Input autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
        </Field>
        <Field label="How long" help="Afterwards it is shown again, and alerts fire">
          <Select value={days} onChange={(event) => setDays(event.target.value)}>
            {daysChoices.map((each) => (
              <option key={each} value={each}>
                {each === '' ? 'For good' : each === '1' ? '1 day' : `${each} days`}
              </option>
            ))}
          </Select>
        </Field>
        <ErrorNote error={suppress.error} />
      </form>
    </Dialog>
  );
}
