import type { ChangeEvent } from '@ambit/contracts/events';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { invalidationsForAll } from '@/lib/invalidations.ts';
import { followEvents } from '@/lib/live.ts';

/** Events that come within this time are answered by one refetch. */
const batchMs = 150;

/** Follows the platform's events and refetches what they made old. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const stop = new AbortController();
    let batch: ChangeEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      for (const queryKey of invalidationsForAll(batch))
        void client.invalidateQueries({ queryKey }, { cancelRefetch: false });
      batch = [];
    };
    void followEvents({
      signal: stop.signal,
      onEvent: (event) => {
        batch.push(event);
        timer ??= setTimeout(flush, batchMs);
      },
      onGap: () => void client.invalidateQueries(),
    });
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [client]);
}
