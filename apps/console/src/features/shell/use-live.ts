import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { followsFromNow } from '@/lib/early.ts';
import { followEvents } from '@/lib/live.ts';
import { makeRefetcher } from '@/lib/refetcher.ts';

/** Follows the platform's events and refetches what they made old. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const stop = new AbortController();
    const refetcher = makeRefetcher(client);
    void followEvents({
      signal: stop.signal,
      onEvent: refetcher.event,
      onOpen: () =>
        followsFromNow((verb) => {
          void client.invalidateQueries({ queryKey: [verb.split('.')] });
        }),
      onGap: refetcher.gap,
    });
    return () => {
      stop.abort();
      refetcher.stop();
    };
  }, [client]);
}
