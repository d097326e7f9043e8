import type { Effect } from '../decision.ts';
import type { Draft, Outcome } from '../plan.ts';
import { awayMessage } from '../words.ts';

export interface FollowedAction {
  /** Asked for once; its key says which action it is from then on. */
  effect: Extract<
    Effect,
    { do: 'restart' | 'restartPod' | 'holdWaypoint' | 'drainWaypoint' | 'wakeWaypoint' }
  >;
  beginning: string;
  /** Said with the agent's own words, where it has any. */
  waiting(says: string): string;
  failed: string;
  /** CamelCase; RestartFailed when missing. */
  reason?: string;
  step: string;
  timeoutMs: number;
}

/** Has an agent do something, and waits until it is done. */
export function followAction(draft: Draft, followed: FollowedAction): Outcome {
  const { view, memory } = draft;
  const { key, clusterId } = followed.effect;
  const id = memory.actions?.[key];
  if (!id) {
    draft.ask(followed.effect);
    return { is: 'again', message: followed.beginning };
  }
  const action = view.actions.find((one) => one.id === id);
  if (action?.state === 'succeeded') return { is: 'done', message: action.message };
  const paused = awayMessage(
    view.clusters.filter((one) => one.id === clusterId),
    view.now,
  );
  if (paused) return { is: 'waiting', message: paused, paused: true };
  const late = view.now >= draft.deadline(followed.step, followed.timeoutMs);
  if (!action || action.state === 'failed' || action.state === 'expired' || late) {
    const why = action?.message || 'the agent did not say why';
    return {
      is: 'failed',
      reason: followed.reason ?? 'RestartFailed',
      message: `${followed.failed}: ${why}`,
    };
  }
  return { is: 'waiting', message: followed.waiting(action.message), wakeInMs: 2_000 };
}
