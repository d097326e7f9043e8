'use client';

import { describeLimits } from '@ambit/contracts/limits';
import { memberUpdate } from '@ambit/contracts/operations/access';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { ErrorNote, Note } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';
import { draftOf, limitsOfDraft, noLimit } from './limit-draft.ts';
import { LimitFields } from './limit-fields.tsx';
import { useMeshNames } from './use-mesh-names.ts';

type Member = Outputs['member']['list']['items'][number];

/** What of a member's role may be used where. */
export function LimitsDialog(props: { member: Member; onClose: () => void; onDone: () => void }) {
  const { member, onClose, onDone } = props;
  const trpc = useTRPC();
  const meshes = useMeshNames();
  const shown = draftOf(member.limits);
  const [draft, setDraft] = useState(shown ?? noLimit);
  const input = {
    memberId: member.id,
    role: member.role,
    limits: (limitsOfDraft(draft) ?? null) as Member['limits'],
  };
  const checked = memberUpdate.input.safeParse(input);
  const update = useMutation(
    trpc.member.update.mutationOptions({
      onSuccess: ({ limits }) => {
        notify.done(limits ? `${member.name} is limited now` : `${member.name} has no limits now`);
        onDone();
        onClose();
      },
    }),
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Limits of ${member.name}`}
      footer={
        <>
          <CopyAs verb="member.update" input={input} />
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={update.isPending}
            disabledReason={checked.success ? undefined : 'Mend the namespaces first.'}
            onClick={() => update.mutate(input)}
          >
            {input.limits ? 'Set limits' : 'Remove all limits'}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {shown ? null : (
          <Note tone="warn" title="These limits were set through the API">
            {describeLimits(member.limits ?? [], (id) => meshes.get(id) ?? id)}. What you set here
            takes their place.
          </Note>
        )}
        <LimitFields
          value={draft}
          onChange={setDraft}
          error={checked.success ? undefined : checked.error.issues[0]?.message}
        />
        <p className="text-xs text-ink-3">Tokens they made without the same limits are revoked.</p>
        <ErrorNote error={update.error} />
      </div>
    </Dialog>
  );
}
