'use client';

import type { LifecycleOperation } from '@ambit/contracts/lifecycle';
import { useMutation } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc.tsx';
import { operationName } from './progress.ts';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { ErrorNote } from '@/ui/states.tsx';

interface Props {
  operation: LifecycleOperation;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Asks before an operation is cancelled, and says what would be left. */
export function CancelDialog({ operation, open, onOpenChange }: Props) {
  const trpc = useTRPC();
  const cancel = useMutation(
    trpc.operation.cancel.mutationOptions({ onSuccess: () => onOpenChange(false) }),
  );
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Cancel “${operationName(operation)}”?`}
      footer={
        <>
          <CopyAs verb="operation.cancel" input={{ operationId: operation.id }} />
          <Button onClick={() => onOpenChange(false)}>Keep it running</Button>
          <Button
            variant="danger"
            busy={cancel.isPending}
            disabledReason={operation.cancelDisabledReason ?? undefined}
            onClick={() => cancel.mutate({ operationId: operation.id })}
          >
            Cancel operation
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <div>
          <p className="font-medium">What would be left</p>
          <p className="text-ink-2">{operation.ifCancelled || 'Nothing was changed yet.'}</p>
        </div>
        <ErrorNote error={cancel.error} />
      </div>
    </Dialog>
  );
}
