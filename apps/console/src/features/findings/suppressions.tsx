'use client';

import { useMutation } from '@tanstack/react-query';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Button } from '@/ui/button.tsx';
import { Section } from '@/ui/page.tsx';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';

/** What is hidden in a mesh, by whom and why; nothing when nothing is. */
export function Suppressions({ meshId }: { meshId: string }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('finding.write');
  const list = useAll(['finding', 'suppressions'], { meshId }, (page) =>
    client.finding.suppressions.query(page),
  );
  const end = useMutation(
    trpc.finding.unsuppress.mutationOptions({
      onSuccess: () => notify.done('Its findings are shown again'),
      onError: (error) => notify.failed('Could not end it', error),
    }),
  );
  const items = list.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title="Suppressed" bare text="Hidden here, in alerts and in admission.">
      <ul className="card divide-y divide-line">
        {items.map((each) => (
          <li key={each.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
            <div className="min-w-0 grow basis-64">
              <p className="font-medium break-words">
                {each.code === '*' ? 'Every rule' : each.code} on{' '}
                {each.resource === '*' ? 'every resource' : each.resource}
              </p>
              <p className="text-sm text-ink-2">
                {each.reason} · {each.createdBy} · {each.findings} hidden ·{' '}
                {each.expiresAt ? (
                  <>
                    ends <Time at={each.expiresAt} />
                  </>
                ) : (
                  'for good'
                )}
              </p>
            </div>
            <Button
              size="sm"
              disabledReason={refused}
              onClick={() => end.mutate({ meshId, suppressionId: each.id })}
            >
              Show again
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
