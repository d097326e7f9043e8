'use client';

import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';

/** Names of the organisation's meshes by id. */
export function useMeshNames(): ReadonlyMap<string, string> {
  const client = useTRPCClient();
  const list = useAll(['mesh', 'list'], {}, (page) => client.mesh.list.query(page));
  return new Map(list.data?.items.map(({ id, name }) => [id, name]));
}
