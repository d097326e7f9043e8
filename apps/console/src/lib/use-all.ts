import { keepPreviousData, useQuery } from '@tanstack/react-query';

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface All<P extends Page<unknown>> {
  items: P['items'];
  /** The first page, with what it says of the whole list. */
  first: P;
  /** False when there is more than the console loads. */
  complete: boolean;
}

const maxItems = 10_000;

/**
 * Every item of a paged list, up to 10,000, so that counts, filters and sorting are true.
 * @param path tRPC path, as in `['mesh', 'list']`
 * @param input input without `limit` and `cursor`
 */
export function useAll<P extends Page<unknown>, I extends object>(
  path: [domain: string, verb: string],
  input: I,
  fetchPage: (page: I & { limit: number; cursor?: string }) => Promise<P>,
  options: { enabled?: boolean; refetchInterval?: number } = {},
) {
  return useQuery({
    queryKey: [path, { input, type: 'all' }],
    placeholderData: keepPreviousData,
    ...options,
    queryFn: async (): Promise<All<P>> => {
      const first = await fetchPage({ ...input, limit: 500 });
      const items: P['items'] = [...first.items];
      let cursor = first.nextCursor;
      while (cursor && items.length < maxItems) {
        const page: P = await fetchPage({ ...input, limit: 500, cursor });
        items.push(...page.items);
        cursor = page.nextCursor;
      }
      return { items, first, complete: cursor === null };
    },
  });
}
