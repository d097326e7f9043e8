'use client';

import { useMutation, type UseMutationOptions } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ConfirmDialog } from '../confirm-dialog.tsx';
import { notify } from '../toast.ts';

interface Options<T, Input extends Record<string, unknown>, Output, Failure> {
  /** `domain.verb` of the catalogue that takes a row away, and what it is called with. */
  verb: string;
  input: (row: T) => Input;
  mutation: UseMutationOptions<Output, Failure, Input>;
  /** The question: "Delete shop?", its button, and what would happen. */
  title: (row: T) => string;
  action: string;
  text: (row: T) => ReactNode;
  /** What is said when it is done. */
  done: (row: T) => string;
  /** Why this person may not. */
  refused?: string | undefined;
}

/** Takes rows of a list away, one at a time, after a question: `ask` opens it, `question` is to be drawn. */
export function useTakeAway<T, Input extends Record<string, unknown>, Output, Failure>(
  options: Options<T, Input, Output, Failure>,
): { ask: (row: T) => void; question: ReactNode } {
  const [row, setRow] = useState<T | null>(null);
  const mutation = useMutation({
    ...options.mutation,
    // Of the row that was asked for, though its question is closed or another one's stands now.
    onSuccess: (...told) => {
      if (row !== null) notify.done(options.done(row));
      setRow((now) => (now === row ? null : now));
      return options.mutation.onSuccess?.(...told);
    },
  });
  if (row === null) return { ask: setRow, question: null };
  const close = () => {
    setRow(null);
    mutation.reset();
  };
  return {
    ask: setRow,
    question: (
      <ConfirmDialog
        title={options.title(row)}
        verb={options.verb}
        input={options.input(row)}
        action={options.action}
        mutation={mutation}
        disabledReason={options.refused}
        onClose={close}
      >
        {options.text(row)}
      </ConfirmDialog>
    ),
  };
}
