'use client';

import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { ErrorNote, Note, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import type { Integration } from './draft.ts';

const titles = {
  ok: 'It works',
  warning: 'It answers, and something is missing',
  failed: 'It does not work',
} as const;
const tones = { ok: 'ok', warning: 'warn', failed: 'warn' } as const;

/** Asks the server now, and shows what came of each step. */
export function TestDialog(props: {
  integration: Integration;
  onClose: () => void;
  onEdit: () => void;
}) {
  const { integration, onClose, onEdit } = props;
  const trpc = useTRPC();
  const test = useMutation(trpc.integration.test.mutationOptions());
  const input = { integrationId: integration.id };
  const { mutate } = test;
  useEffect(() => mutate({ integrationId: integration.id }), [mutate, integration.id]);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Test of ${integration.name}`}
      footer={
        <>
          <CopyAs verb="integration.test" input={input} />
          <Button onClick={onEdit}>Edit…</Button>
          <Button busy={test.isPending} onClick={() => mutate(input)}>
            Test again
          </Button>
          <Button variant="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3" aria-live="polite">
        {test.isPending || test.isIdle ? <Skeleton lines={3} /> : null}
        <ErrorNote error={test.error} />
        {test.data && !test.isPending ? (
          <>
            <Note tone={tones[test.data.outcome]} title={titles[test.data.outcome]}>
              {integration.address}, in {Math.round(test.data.durationMs)} ms
            </Note>
            <ol className="flex flex-col gap-2.5">
              {test.data.checks.map(({ name, outcome, message }) => (
                <li key={name} className="text-sm">
                  <div className="flex items-center gap-2 font-medium">
                    <Status status={outcome} quiet />
                    {name}
                  </div>
                  <p className="break-words text-ink-2">{message}</p>
                </li>
              ))}
            </ol>
          </>
        ) : null}
      </div>
    </Dialog>
  );
}
