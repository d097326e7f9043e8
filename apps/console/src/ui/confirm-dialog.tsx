'use client';

import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { CopyAs } from './copy-as.tsx';
import { Dialog } from './dialog.tsx';
import { ErrorNote } from './states.tsx';

interface Props<Input extends Record<string, unknown>> {
  title: string;
  /** `domain.verb` of the catalogue, and what it is called with. */
  verb: string;
  input: Input;
  /** Words of the button that does it. */
  action: string;
  /** Words of the button that leaves all as it is. */
  keep?: string;
  mutation: { isPending: boolean; error: unknown; mutate: (input: Input) => void };
  disabledReason?: string | undefined;
  onClose: () => void;
  /** What would happen. */
  children: ReactNode;
}

/** Asks before something is taken away. Stays open with the reason when it was refused. */
export function ConfirmDialog<Input extends Record<string, unknown>>(props: Props<Input>) {
  const { verb, input, mutation, onClose } = props;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={props.title}
      footer={
        <>
          <CopyAs verb={verb} input={input} />
          <Button onClick={onClose}>{props.keep ?? 'Keep it'}</Button>
          <Button
            variant="danger"
            busy={mutation.isPending}
            disabledReason={props.disabledReason}
            onClick={() => mutation.mutate(input)}
          >
            {props.action}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {props.children}
        <ErrorNote error={mutation.error} />
      </div>
    </Dialog>
  );
}
