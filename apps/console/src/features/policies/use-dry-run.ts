import { skipToken, useQuery } from '@tanstack/react-query';
import { errorBody } from '@/lib/errors.ts';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useDebounced } from '@/lib/use-debounced.ts';

/**
 * Lets the server check a text without storing it, whenever it stands still.
 * `checked` is the text the answer is about.
 */
export function useDryRun(meshId: string, text: string, enabled: boolean) {
  const client = useTRPCClient();
  const settled = useDebounced(text, 450);
  const query = useQuery({
    queryKey: ['policy-dry-run', meshId, settled],
    gcTime: 30_000,
    staleTime: 30_000,
    refetchInterval: false,
    retry: false,
    queryFn:
      enabled && settled.trim()
        ? () => client.policy.apply.mutate({ meshId, yaml: settled, dryRun: true })
        : skipToken,
  });
  return {
    checked: settled,
    result: query.data,
    error: query.error ? errorBody(query.error) : null,
    busy: enabled && (settled !== text || query.isFetching),
  };
}
