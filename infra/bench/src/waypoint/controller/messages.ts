import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const namespaces = 100;

/** Where the Gateway of a number is. */
export const placeOf = (at: number): { namespace: string; name: string } => ({
  namespace: `bench-${at % namespaces}`,
  name: `waypoint-${Math.floor(at / namespaces)}`,
});

export type Asked =
  | { do: 'fill'; gateways: number }
  /** How many waypoints have a ready replica. */
  | { do: 'ready' }
  /** Counts from now on what the agent asks. */
  | { do: 'count' }
  | { do: 'counts' }
  /** Changes what a waypoint takes. */
  | { do: 'touch'; at: number; takes: string };

export interface Told {
  url?: string;
  ready?: number;
  counts?: Record<string, number>;
}

export interface ClusterProcess {
  url: string;
  ask(asked: Asked): Promise<Told>;
  end(): void;
}

/** Starts the sandbox in a process of its own, so that its work is not in the controller's times. */
export async function startCluster(): Promise<ClusterProcess> {
  const child: ChildProcess = fork(fileURLToPath(new URL('cluster.ts', import.meta.url)));
  const waiting = new Map<number, { give: (told: Told) => void; fail: (error: Error) => void }>();
  const ended = once(child, 'exit').then(() => {
    throw new Error('the process of the sandbox ended');
  });
  ended.catch((error: Error) => {
    for (const { fail } of waiting.values()) fail(error);
  });
  let ids = 0;
  const first = new Promise<Told>((give, fail) => waiting.set(0, { give, fail }));
  child.on('message', ({ id, error, ...told }: Told & { id: number; error?: string }) => {
    const found = waiting.get(id);
    waiting.delete(id);
    if (error !== undefined) found?.fail(new Error(error));
    else found?.give(told);
  });
  const { url } = await first;
  return {
    url: url!,
    ask: (asked) =>
      new Promise((give, fail) => {
        waiting.set(++ids, { give, fail });
        child.send({ ...asked, id: ids });
      }),
    end: () => child.disconnect(),
  };
}
