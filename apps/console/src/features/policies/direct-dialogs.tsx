'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { ConfirmDialog } from '@/ui/confirm-dialog.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';
import { writerWords } from './direct-words.ts';

type Direct = Outputs['direct']['get'];

interface Props {
  meshId: string;
  object: Direct;
  onClose: () => void;
}

/** Says what adoption does and what is to be done in the tool that wrote the object. */
export function AdoptDialog(props: Props & { onDone: (policyId: string) => void }) {
  const { meshId, object, onClose, onDone } = props;
  const trpc = useTRPC();
  const input = { meshId, objectId: object.id };
  const adopt = useMutation(
    trpc.direct.adopt.mutationOptions({
      onSuccess: ({ policy, handOver }) => {
        notify.done(`${object.kind} ${object.name} is the mesh’s now`, handOver[0]);
        onDone(policy.id);
      },
    }),
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Adopt ${object.kind} ${object.name}?`}
      footer={
        <>
          <CopyAs verb="direct.adopt" input={input} />
          <Button onClick={onClose}>Not now</Button>
          <Button variant="primary" busy={adopt.isPending} onClick={() => adopt.mutate(input)}>
            Adopt
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-ink-2">
        <p>
          As it stands in {object.clusterName} it becomes{' '}
          {object.policy
            ? `version ${object.policy.version + 1} of the mesh’s policy; what the mesh has now stays in the history`
            : 'a policy of the mesh'}
          , and goes to every cluster of it. In {object.clusterName} it is neither removed nor made
          anew: it changes hands from {writerWords(object)}.
        </p>
        <HandOver object={object} />
        <ErrorNote error={adopt.error} />
      </div>
    </Dialog>
  );
}

/** Asks before a conflict is decided. */
export function DecideDialog(props: Props & { choice: 'keep' | 'take' }) {
  const { meshId, object, choice, onClose } = props;
  const trpc = useTRPC();
  const cache = useQueryClient();
  const keeps = choice === 'keep';
  const decide = useMutation(
    trpc.direct.decide.mutationOptions({
      onSuccess: () => {
        notify.done(
          keeps
            ? `${object.clusterName} keeps its own ${object.name}`
            : `The mesh’s ${object.name} takes its place in ${object.clusterName}`,
        );
        void cache.invalidateQueries({ queryKey: [['direct']] });
        onClose();
      },
    }),
  );
  return (
    <ConfirmDialog
      title={keeps ? `Keep ${object.clusterName}’s own?` : 'Take the mesh’s?'}
      verb="direct.decide"
      input={{ meshId, objectId: object.id, choice }}
      action={keeps ? 'Keep the cluster’s' : 'Take the mesh’s'}
      keep="Not now"
      mutation={decide}
      onClose={onClose}
    >
      {keeps ? (
        <p className="text-ink-2">
          {object.kind} {object.name} in {object.clusterName} stays as {writerWords(object)} wrote
          it. The mesh’s is not delivered there; other clusters have it. You can decide otherwise at
          any time.
        </p>
      ) : (
        <>
          <p className="text-ink-2">
            In {object.clusterName} the mesh’s takes the place of what {writerWords(object)} wrote,
            without a gap: traffic follows at once. What was there is gone from the cluster; adopt
            it instead to keep it.
          </p>
          <HandOver object={object} />
        </>
      )}
    </ConfirmDialog>
  );
}

function HandOver({ object }: { object: Direct }) {
  if (object.handOver.length === 0) return null;
  return (
    <div className="text-ink-2">
      <p className="font-medium text-ink">Afterwards</p>
      <ul className="list-disc pl-5">
        {object.handOver.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ul>
    </div>
  );
}
