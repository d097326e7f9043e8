'use client';

import type { MeshOptions } from '@ambit/contracts/mesh-options';
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc.tsx';
import { Checks } from '@/ui/checks.tsx';
import { ErrorNote, Skeleton } from '@/ui/states.tsx';

interface Input {
  name: string;
  projectId?: string;
  profile: 'sidecar' | 'ambient';
  release?: string;
  clusterIds: string[];
  options: Partial<MeshOptions>;
}

/** The server's own check of a mesh that is about to be created, as it stands in the form. */
export function usePrecheck(input: Input, complete: boolean) {
  const trpc = useTRPC();
  return useQuery(
    trpc.mesh.precheck.queryOptions(complete ? input : skipToken, {
      placeholderData: keepPreviousData,
      staleTime: 5_000,
    }),
  );
}

export function Precheck(props: { query: ReturnType<typeof usePrecheck>; complete: boolean }) {
  const { query, complete } = props;
  if (!complete)
    return (
      <p className="text-ink-3">
        With a name and at least one cluster, what would stand in the way is shown here.
      </p>
    );
  if (query.error) return <ErrorNote error={query.error} />;
  if (!query.data) return <Skeleton lines={3} />;
  return (
    <div aria-live="polite" className={query.isPlaceholderData ? 'opacity-60' : ''}>
      <Checks items={query.data.checks} />
    </div>
  );
}
