import { keepPreviousData, useQuery } from '@tanstack/react-query';

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface All<T> {
  items: T[];
  /** False when there is more than the console loads. */
  complete: boolean;
}

const maxItems = 10_000;

/**
 * Every item of a paged list, up to 10,000, so that counts, filters and sorting are true.
 * @param path tRPC path, as in `['mesh', 'list']`
 * @param input input without `limit` and `cursor`
 */
export function useAll<T, I extends object>(
  path: [domain: string, verb: string],
  input: I,
  fetchPage: (page: I & { limit: number; cursor?: string }) => Promise<Page<T>>,
  options: { enabled?: boolean } = {},
) {
  return useQuery({
    queryKey: [path, { input, type: 'all' }],
    placeholderData: keepPreviousData,
    ...options,
    queryFn: async (): Promise<All<T>> => {
      const items: T[] = [];
      let cursor: string | null = null;
      do {
        const page: Page<T> = await fetchPage({
          ...input,
          limit: 500,
          ...(cursor ? { cursor } : {}),
        });
        items.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor && items.length < maxItems);
      return { items, complete: cursor === null };
    },
  });
}
