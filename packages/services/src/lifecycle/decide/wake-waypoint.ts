import type { Draft, Outcome, Plan } from '../plan.ts';
import { followAction } from './follow-action.ts';

/** The agent itself waits for a replica; it says why none came. */
const wakeTimeoutMs = 300_000;

/** Has the agent give a waypoint that sleeps its replicas again, and waits until one is ready. */
export const wakePlan: Plan = {
  steps: { wake },
  succeed: ({ view }) => {
    const { namespace = '', name = '' } = view.operation.input;
    return { message: `Waypoint ${namespace}/${name} is awake`, result: { namespace, name } };
  },
};

function wake(draft: Draft): Outcome {
  const { clusterId = '', namespace = '', name = '' } = draft.view.operation.input;
  return followAction(draft, {
    effect: { do: 'wakeWaypoint', key: 'wake', clusterId, namespace, name },
    beginning: `Waking ${namespace}/${name}`,
    waiting: (says) => says || 'Waiting for the agent to wake it',
    failed: `${namespace}/${name} was not woken`,
    reason: 'WakeFailed',
    step: 'wake',
    timeoutMs: wakeTimeoutMs,
  });
}
