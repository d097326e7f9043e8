import {
  itself,
  keyOf,
  nothing,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import type { DisruptionBudget, Pod } from '../objects.ts';
import { isActive, isReady, manager, setStatus, share } from './common.ts';
import { matches } from './selectors.ts';

/** Counts how many pods of a budget may be disturbed now. */
export const disruptionBudgetController: Controller = {
  name: 'disruption-budget',
  manager,
  triggers: {
    'poddisruptionbudgets.policy': itself,
    pods: ({ metadata }, view) =>
      view
        .list('poddisruptionbudgets.policy', metadata.namespace)
        .filter(({ spec }) => matches(spec.selector, metadata.labels))
        .map(keyOf),
  },
  decide: (key, view) => {
    const [namespace, name] = splitKey(key);
    const budget = view.get('poddisruptionbudgets.policy', namespace, name);
    if (budget === undefined || budget.metadata.deletionTimestamp) return nothing;
    const pods = view
      .list('pods', namespace)
      .filter((pod) => isActive(pod) && matches(budget.spec.selector, pod.metadata.labels));
    return decideBudget(budget, pods);
  },
};

export function decideBudget(budget: DisruptionBudget, pods: Pod[]): Decision {
  const expected = pods.length;
  const healthy = pods.filter(isReady).length;
  const { minAvailable, maxUnavailable } = budget.spec;
  const desired =
    maxUnavailable === undefined
      ? share(minAvailable, expected, 'up', 1)
      : Math.max(0, expected - share(maxUnavailable, expected, 'up', 0));
  return {
    actions: setStatus(budget, {
      observedGeneration: budget.metadata.generation ?? 1,
      expectedPods: expected,
      currentHealthy: healthy,
      desiredHealthy: desired,
      disruptionsAllowed: Math.max(0, healthy - desired),
    }),
  };
}
