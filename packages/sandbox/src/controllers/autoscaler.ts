import {
  itself,
  keyOf,
  nothing,
  splitKey,
  type Controller,
  type Decision,
} from '../client/controller.ts';
import type { Autoscaler, Deployment } from '../objects.ts';
import { manager, patch, setStatus, withConditions } from './common.ts';

/** Keeps a Deployment between its bounds. No load is measured: within the bounds nothing changes. */
export const autoscalerController: Controller = {
  name: 'autoscaler',
  manager,
  triggers: {
    'horizontalpodautoscalers.autoscaling': itself,
    'deployments.apps': (deployment, view) =>
      view
        .list('horizontalpodautoscalers.autoscaling', deployment.metadata.namespace)
        .filter(({ spec }) => spec.scaleTargetRef.name === deployment.metadata.name)
        .map(keyOf),
  },
  decide: (key, view, now) => {
    const [namespace, name] = splitKey(key);
    const scaler = view.get('horizontalpodautoscalers.autoscaling', namespace, name);
    if (scaler === undefined || scaler.metadata.deletionTimestamp) return nothing;
    const { kind, name: target } = scaler.spec.scaleTargetRef;
    const deployment =
      kind === 'Deployment' ? view.get('deployments.apps', namespace, target) : undefined;
    return decideScale(scaler, deployment, now);
  },
};

export function decideScale(
  scaler: Autoscaler,
  deployment: Deployment | undefined,
  now: Date,
): Decision {
  const before = scaler.status?.conditions;
  if (deployment === undefined) {
    const failed = {
      type: 'AbleToScale',
      status: 'False' as const,
      reason: 'FailedGetScale',
      message: `the ${scaler.spec.scaleTargetRef.kind} ${scaler.spec.scaleTargetRef.name} was not found`,
    };
    return { actions: setStatus(scaler, { conditions: withConditions(before, [failed], now) }) };
  }
  const current = deployment.spec.replicas ?? 1;
  const { minReplicas = 1, maxReplicas } = scaler.spec;
  const desired = current === 0 ? 0 : Math.min(maxReplicas, Math.max(minReplicas, current));
  const conditions = withConditions(
    before,
    [
      { type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale', message: '' },
      {
        type: 'ScalingActive',
        status: 'False',
        reason: 'Simulated',
        message: 'the sandbox measures no load: replicas only follow the bounds',
      },
    ],
    now,
  );
  return {
    actions: [
      ...(desired === current ? [] : [patch(deployment, { spec: { replicas: desired } })]),
      ...setStatus(scaler, {
        observedGeneration: scaler.metadata.generation ?? 1,
        currentReplicas: deployment.status?.replicas ?? 0,
        desiredReplicas: desired,
        conditions,
      }),
    ],
  };
}
