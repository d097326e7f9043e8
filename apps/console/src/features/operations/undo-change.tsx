'use client';

import type { LifecycleOperation } from '@ambit/contracts/lifecycle';
import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { ConfirmDialog } from '@/ui/confirm-dialog.tsx';

/** Takes a finished change of enrolment back, as an operation of its own. */
export function UndoChange({ operation }: { operation: LifecycleOperation }) {
  const trpc = useTRPC();
  const router = useRouter();
  const refusal = useRefusal();
  const [asking, setAsking] = useState(false);
  const undo = useMutation(
    trpc.enrolment.undo.mutationOptions({
      onSuccess: (next) => {
        setAsking(false);
        router.push(paths.operation(next.operation.id));
      },
    }),
  );
  return (
    <>
      <Button
        disabledReason={
          refusal('mesh.write') ??
          (operation.state === 'succeeded'
            ? undefined
            : 'Only a change that succeeded is taken back; one that fails does so itself.')
        }
        onClick={() => setAsking(true)}
      >
        Undo
      </Button>
      {asking ? (
        <ConfirmDialog
          title={`Undo: ${operation.title}`}
          verb="enrolment.undo"
          input={{ meshId: operation.target.id, operationId: operation.id }}
          action="Undo it"
          mutation={undo}
          onClose={() => setAsking(false)}
        >
          <p>
            Labels and guards go back to what they were before it, in the safe order and proven like
            the change itself. Workloads restart where a sidecar comes or goes. A waypoint that was
            made for it stays.
          </p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}
