'use client';

import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { z } from 'zod';
import { errorBody } from '@/lib/errors.ts';
import { isSameAt, problemAt } from '@/lib/problem-at.ts';
import { Button } from './button.tsx';
import { CopyAs } from './copy-as.tsx';
import { Dialog } from './dialog.tsx';
import { ErrorNote } from './states.tsx';

interface Props<Input extends Record<string, unknown>> {
  title: string;
  description?: string;
  /** `domain.verb` of the catalogue. */
  verb: string;
  /** The input of that verb: it decides what may be sent. */
  schema: z.ZodType<Input>;
  input: Record<string, unknown>;
  /** Stands in "Copy as" for what is not filled in yet. */
  sample: Record<string, unknown>;
  action: string;
  /** Why it may not be sent now, though it is filled in. */
  disabledReason?: string | undefined;
  mutation: { isPending: boolean; error: unknown; mutate: (input: Input) => void };
  onClose: () => void;
  /**
   * The fields. `problem(field)` says what is wrong with one, by its path with dots, once it was tried to send: by the
   * schema, or as the server refused it.
   */
  children: (problem: (field: string) => string | undefined) => ReactNode;
}

/** A form for one verb. What is wrong is told at its field: before anything is sent, and when the server refuses it. */
export function FormDialog<Input extends Record<string, unknown>>(props: Props<Input>) {
  const { mutation, onClose, input } = props;
  const id = useId();
  const [tried, setTried] = useState(false);
  const [sent, setSent] = useState<unknown>(null);
  const checked = props.schema.safeParse(input);
  const refused = mutation.error ? (errorBody(mutation.error).details ?? []) : [];
  const problem = (field: string): string | undefined =>
    (tried && !checked.success ? problemAt(checked.error.issues, field) : undefined) ??
    (isSameAt(input, sent, field) ? problemAt(refused, field) : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (props.disabledReason) return;
    setTried(true);
    if (!checked.success) return;
    setSent(input);
    mutation.mutate(checked.data);
  };
  const filled = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== ''));
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={props.title}
      description={props.description}
      footer={
        <>
          <CopyAs verb={props.verb} input={{ ...input, ...props.sample, ...filled }} />
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={id}
            variant="primary"
            busy={mutation.isPending}
            disabledReason={props.disabledReason}
          >
            {props.action}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="flex flex-col gap-4">
        {props.children(problem)}
        <ErrorNote error={mutation.error} />
      </form>
    </Dialog>
  );
}
