'use client';

import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Menu, MenuItem } from '@/ui/menu.tsx';
import { notify } from '@/ui/toast.ts';

type Alert = Outputs['alert']['list']['items'][number];

const SilenceDialog = lazy(() =>
  import('./silence-dialog.tsx').then((m) => ({ default: m.SilenceDialog })),
);

/** Taking an alert, giving it back, and silencing what it is about. */
export function AlertActs({
  alert,
  size = 'md',
}: {
  alert: Pick<Alert, 'id' | 'state' | 'summary' | 'labels' | 'acknowledgement'>;
  size?: 'sm' | 'md';
}) {
  const trpc = useTRPC();
  const refused = useRefusal()('alert.write');
  const [silencing, setSilencing] = useState(false);
  const acknowledge = useMutation(
    trpc.alert.acknowledge.mutationOptions({
      onSuccess: () => notify.done('Acknowledged: it is not told again'),
      onError: (error) => notify.failed('Could not acknowledge it', error),
    }),
  );
  const release = useMutation(
    trpc.alert.release.mutationOptions({
      onSuccess: () => notify.done('Given back: it is told again'),
      onError: (error) => notify.failed('Could not give it back', error),
    }),
  );
  const input = { alertId: alert.id };
  const over = refused ?? (alert.state === 'resolved' ? 'It is resolved.' : undefined);
  return (
    <>
      <Menu
        trigger={
          <Button size={size} aria-label={`Act on ${alert.summary}`} disabledReason={over}>
            Act
          </Button>
        }
      >
        {alert.acknowledgement ? (
          <MenuItem onSelect={() => release.mutate(input)}>Give back</MenuItem>
        ) : (
          <MenuItem onSelect={() => acknowledge.mutate(input)}>Acknowledge</MenuItem>
        )}
        <MenuItem onSelect={() => setSilencing(true)}>Silence…</MenuItem>
      </Menu>
      {silencing ? (
        <Suspense>
          <SilenceDialog
            matchers={['code', 'resource']
              .filter((label) => alert.labels[label])
              .map((label) => ({ label, op: '=', value: alert.labels[label] ?? '' }))}
            onClose={() => setSilencing(false)}
          />
        </Suspense>
      ) : null}
    </>
  );
}
