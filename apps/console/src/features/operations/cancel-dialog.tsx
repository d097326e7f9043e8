'use client';

import type { LifecycleOperation } from '@ambit/contracts/lifecycle';
import { useMutation } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc.tsx';
import { ConfirmDialog } from '@/ui/confirm-dialog.tsx';
import { operationName } from './progress.ts';

interface Props {
  operation: LifecycleOperation;
  onClose: () => void;
}

/** Asks before an operation is cancelled, and says what would be left. */
export function CancelDialog({ operation, onClose }: Props) {
  const trpc = useTRPC();
  const cancel = useMutation(trpc.operation.cancel.mutationOptions({ onSuccess: onClose }));
  return (
    <ConfirmDialog
      title={`Cancel “${operationName(operation)}”?`}
      verb="operation.cancel"
      input={{ operationId: operation.id }}
      action="Cancel operation"
      keep="Keep it running"
      mutation={cancel}
      disabledReason={operation.cancelDisabledReason ?? undefined}
      onClose={onClose}
    >
      <div>
        <p className="font-medium">What would be left</p>
        <p className="text-ink-2">{operation.ifCancelled || 'Nothing was changed yet.'}</p>
      </div>
    </ConfirmDialog>
  );
}
