import { useQuery } from '@tanstack/react-query';
import { HttpError, requestJson } from './errors.ts';

interface Setup {
  lab: { available: boolean; reason: string; command: string };
}

/** What this installation offers for trying things out; null when it says nothing about it. */
export function useSetup() {
  return useQuery({
    queryKey: ['setup'],
    staleTime: Infinity,
    queryFn: async (): Promise<Setup | null> => {
      try {
        return await requestJson<Setup>('/v1/setup');
      } catch (error) {
        if (error instanceof HttpError && error.status === 404) return null;
        throw error;
      }
    },
  });
}
