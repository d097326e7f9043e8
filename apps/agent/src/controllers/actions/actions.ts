import type { AgentAction, actionStatusSchema } from '@ambit/contracts/agent/protocol';
import type { z } from 'zod';

export type ActionStatus = z.infer<typeof actionStatusSchema>;

export interface Actions {
  /** Starts what is new; what runs or is done already is not done again. */
  want(actions: AgentAction[]): void;
  statuses(): ActionStatus[];
  stop(): Promise<void>;
}

export interface ActionsInput {
  run(
    action: AgentAction,
    progress: (message: string) => void,
    signal: AbortSignal,
  ): Promise<string>;
  changed(): void;
  /** By the platform's clock, in milliseconds. */
  nowMs(): number;
}

const keptResults = 50;

/** Runs actions by their id, each until its expiry. Results are kept until the platform no longer asks for them. */
export function makeActions(input: ActionsInput): Actions {
  const statuses = new Map<string, ActionStatus>();
  const running = new Map<string, Promise<void>>();
  const stopped = new AbortController();

  const set = (id: string, state: ActionStatus['state'], message: string) => {
    statuses.set(id, { id, state, message: message.slice(0, 2000) });
    input.changed();
  };

  const start = async (action: AgentAction) => {
    const leftMs = Date.parse(action.expiresAt) - input.nowMs();
    if (leftMs <= 0) return set(action.id, 'expired', 'it expired before the agent got it');
    const expiry = AbortSignal.timeout(leftMs);
    const signal = AbortSignal.any([stopped.signal, expiry]);
    let last = '';
    set(action.id, 'running', '');
    try {
      const outcome = await input.run(
        action,
        (message) => {
          if (message !== last) set(action.id, 'running', (last = message));
        },
        signal,
      );
      set(action.id, 'succeeded', outcome);
    } catch (error) {
      if (stopped.signal.aborted) return;
      if (expiry.aborted) return set(action.id, 'expired', last || 'it took too long');
      set(action.id, 'failed', error instanceof Error ? error.message : String(error));
    }
  };

  return {
    want: (actions) => {
      const wanted = new Set(actions.map(({ id }) => id));
      const done = [...statuses.keys()].filter((id) => !running.has(id) && !wanted.has(id));
      for (const id of done.slice(0, Math.max(0, statuses.size - keptResults))) statuses.delete(id);
      for (const action of actions) {
        if (statuses.has(action.id)) continue;
        running.set(
          action.id,
          start(action).finally(() => running.delete(action.id)),
        );
      }
    },
    statuses: () => [...statuses.values()],
    stop: async () => {
      stopped.abort();
      await Promise.all(running.values());
    },
  };
}
