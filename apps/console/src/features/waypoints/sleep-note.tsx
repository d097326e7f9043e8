'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { busyReason, useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { ErrorNote, Note } from '@/ui/states.tsx';
import { Time } from '@/ui/time.tsx';
import type { WaypointDetail } from './words.ts';

const titles = { asleep: 'It sleeps', fallingAsleep: 'It falls asleep', waking: 'It wakes' };

/** A waypoint without replicas: since when, what the next request meets, and the way to wake it before that. */
export function SleepNote({ waypoint }: { waypoint: WaypointDetail }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const router = useRouter();
  const refused = useRefusal()('mesh.write') ?? busyReason(mesh);
  const wake = useMutation(
    trpc.waypoint.wake.mutationOptions({
      onSuccess: ({ operation }) => router.push(paths.operation(operation.id)),
    }),
  );
  const { sleep, namespace, name, clusterId } = waypoint;
  if (!sleep) return null;
  const { failed, phase } = sleep;
  return (
    <>
      {phase === 'awake' ? null : (
        <Note
          title={titles[phase]}
          action={
            phase === 'waking' ? undefined : (
              <Button
                size="sm"
                busy={wake.isPending}
                disabledReason={refused}
                onClick={() => wake.mutate({ meshId: mesh.id, namespace, name, clusterId })}
              >
                Wake now
              </Button>
            )
          }
        >
          {sleep.sentence}
          {sleep.since ? (
            <>
              {' '}
              That is so since <Time at={sleep.since} />.
            </>
          ) : null}
        </Note>
      )}
      {failed ? (
        <Note tone="warn" title="It was not woken in time">
          {failed.message} (<Time at={failed.at} />
          ).
        </Note>
      ) : null}
      <ErrorNote error={wake.error} />
    </>
  );
}
