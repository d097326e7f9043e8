'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';

export function DeletePolicy(props: { policy: Outputs['policy']['get']; onClose: () => void }) {
  const { policy, onClose } = props;
  const trpc = useTRPC();
  const router = useRouter();
  const input = { meshId: policy.meshId, policyId: policy.id };
  const remove = useMutation(
    trpc.policy.delete.mutationOptions({
      onSuccess: () => {
        notify.done(
          `${policy.kind} ${policy.name} is deleted`,
          'Its history stays; it can be restored.',
        );
        router.push(paths.meshPolicies(policy.meshId));
      },
    }),
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Delete ${policy.kind} ${policy.name}?`}
      footer={
        <>
          <CopyAs verb="policy.delete" input={input} />
          <Button onClick={onClose}>Keep it</Button>
          <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate(input)}>
            Delete policy
          </Button>
        </>
      }
    >
      <p className="text-ink-2">
        The agents remove it from every cluster of the mesh, and traffic follows at once. Its
        history stays here: it can be brought back from “Deleted” in the list of policies.
      </p>
      <div className="mt-3">
        <ErrorNote error={remove.error} />
      </div>
    </Dialog>
  );
}
