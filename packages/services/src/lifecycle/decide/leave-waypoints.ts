import type { LeftWaypoint } from '@ambit/istio/enrolment/plan-change';
import { waypointUsers } from '@ambit/istio/waypoint/bound';
import type { Effect } from '../decision.ts';
import type { Draft, Outcome } from '../plan.ts';
import { list } from '../words.ts';
import { followAction } from './follow-action.ts';

const holdTimeoutMs = 60_000;
/** What waits for requests to end, where the waypoint goes, and where others still use it. */
const releaseBoundS = 60;
const sharedBoundS = 15;
const drainTimeoutMs = 150_000;

const keyOf = ({ namespace, name }: { namespace: string; name: string }) => `${namespace}/${name}`;

/** Before the labels go: istiod takes what a waypoint serves from it at once, also what is open. */
export function hold(draft: Draft): Outcome {
  return each(draft, 'hold', holdTimeoutMs, ({ clusterId, namespace, name, services }) => ({
    do: 'holdWaypoint',
    key: `hold/${clusterId}/${namespace}/${name}`,
    clusterId,
    namespace,
    name,
    services,
  }));
}

/** Before what was left goes, or forgets what it held. */
export function drain(draft: Draft): Outcome {
  const { releases = [] } = draft.view.operation.input.change ?? {};
  const known = draft.view.known ?? [];
  return each(draft, 'drain', drainTimeoutMs, ({ clusterId, namespace, name, services }) => {
    const facts = known.find((one) => one.clusterId === clusterId)?.facts;
    const users = facts && waypointUsers(facts).get(keyOf({ namespace, name }));
    const isShared = (users?.attached.length ?? 0) > 0;
    return {
      do: 'drainWaypoint',
      key: `drain/${clusterId}/${namespace}/${name}`,
      clusterId,
      namespace,
      name,
      boundS: isShared ? sharedBoundS : releaseBoundS,
      services,
      release: releases.some((one) => keyOf(one) === keyOf({ namespace, name })),
    };
  });
}

/** All of them at once. What an agent cannot do costs requests at worst; the change itself goes on. */
function each(
  draft: Draft,
  step: string,
  timeoutMs: number,
  effectOf: (left: LeftWaypoint) => Extract<Effect, { do: 'holdWaypoint' | 'drainWaypoint' }>,
): Outcome {
  const { leaves = [] } = draft.view.operation.input.change ?? {};
  if (leaves.length === 0) return { is: 'skipped', message: 'No waypoint is left' };
  const outcomes = leaves.map((left) => {
    const outcome = followAction(draft, {
      effect: effectOf(left),
      beginning: keyOf(left),
      waiting: (says) => `${keyOf(left)}: ${says || 'waiting for the agent'}`,
      failed: keyOf(left),
      step,
      timeoutMs,
    });
    return outcome.is === 'done'
      ? { ...outcome, message: `${keyOf(left)}: ${outcome.message}` }
      : outcome;
  });
  const again = outcomes.find(({ is }) => is === 'again');
  if (again) return { is: 'again', message: list(leaves.map(keyOf)) };
  const waiting = outcomes.find(({ is }) => is === 'waiting');
  if (waiting) return waiting;
  for (const { is, message } of outcomes) if (is === 'failed') draft.log(message, 'warning');
  return { is: 'done', message: list(outcomes.map(({ message }) => message)) };
}
