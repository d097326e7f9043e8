'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { busyReason, useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { Time } from '@/ui/time.tsx';

interface Props {
  meshId: string;
  released: Outputs['waypoint']['list']['released'];
}

/** Waypoints that were released and can come back; nothing while there is none. */
export function Released({ meshId, released }: Props) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const router = useRouter();
  const refused = useRefusal()('mesh.write') ?? busyReason(mesh);
  const takeUp = useMutation(
    trpc.waypoint.takeUp.mutationOptions({
      onSuccess: ({ operation }) => router.push(paths.operation(operation.id)),
    }),
  );
  if (released.length === 0) return null;
  return (
    <Section
      title="Released"
      text="What used them has L4 now. They come back as they were."
      bare
      className="mt-6"
    >
      <ul aria-label="Released waypoints" className="card divide-y divide-line">
        {released.map((one) => (
          <li
            key={`${one.namespace}/${one.name}`}
            className="flex flex-wrap items-start justify-between gap-3 px-4 py-2 text-sm"
          >
            <span className="min-w-0 grow basis-64">
              <span className="font-medium break-words">
                {one.namespace}/{one.name}
              </span>{' '}
              <span className="text-ink-3">
                <Time at={one.releasedAt} />
              </span>
              <span className="block text-ink-2">{one.sentence}</span>
            </span>
            <Button
              size="sm"
              busy={takeUp.isPending}
              disabledReason={refused}
              aria-label={`Take up ${one.namespace}/${one.name}`}
              onClick={() => takeUp.mutate({ meshId, namespace: one.namespace, name: one.name })}
            >
              Take up
            </Button>
          </li>
        ))}
      </ul>
      <ErrorNote error={takeUp.error} />
    </Section>
  );
}
