'use client';

import { useQuery } from '@tanstack/react-query';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { ButtonLink } from '@/ui/button.tsx';
import { Note } from '@/ui/states.tsx';
import { writerWords } from './direct-words.ts';

/** Clusters that have one of their own of a policy's name, with the way to decide. */
export function PolicyConflicts({ policy }: { policy: Outputs['policy']['get'] }) {
  const trpc = useTRPC();
  const { meshId, kind, namespace } = policy;
  const query = useQuery(
    trpc.direct.list.queryOptions({
      meshId,
      kind,
      limit: 500,
      ...(namespace ? { namespace } : {}),
    }),
  );
  const here = (query.data?.items ?? []).filter((each) => each.policyId === policy.id);
  return here.map((object) => (
    <Note
      key={object.id}
      tone={object.state === 'conflict' ? 'warn' : 'info'}
      title={
        object.state === 'conflict'
          ? `${object.clusterName} has one of its own of this name`
          : object.state === 'kept'
            ? `${object.clusterName} keeps its own`
            : `In ${object.clusterName} this is about to take the place of another`
      }
      action={
        <ButtonLink href={paths.directObject(meshId, object.id)}>
          {object.state === 'conflict' ? 'Compare and decide' : 'Compare'}
        </ButtonLink>
      }
    >
      {writerWords(object)} applied it there
      {object.state === 'conflict'
        ? '. It runs as it is, and this policy is not delivered there, until somebody decides.'
        : object.decidedBy
          ? `; decided by ${object.decidedBy}.`
          : '.'}
    </Note>
  ));
}
