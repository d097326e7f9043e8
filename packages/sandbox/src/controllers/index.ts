import type { Controller } from '../client/controller.ts';
import { autoscalerController } from './autoscaler.ts';
import { daemonSetController } from './daemon-set.ts';
import { deploymentController } from './deployment.ts';
import { disruptionBudgetController } from './disruption-budget.ts';
import { endpointsController } from './endpoints.ts';
import { jobController } from './job.ts';
import { namespaceController } from './namespace.ts';
import { nodeLifecycle } from './node-lifecycle.ts';
import { replicaSetController } from './replica-set.ts';
import { scheduler } from './scheduler.ts';
import { statefulSetController } from './stateful-set.ts';

/** The control loops of a Kubernetes cluster, as far as a sandbox needs them. */
export const clusterControllers = (options: { nodeGraceMs?: number }): Controller[] => [
  namespaceController,
  deploymentController,
  replicaSetController,
  daemonSetController,
  statefulSetController,
  jobController,
  scheduler,
  endpointsController,
  autoscalerController,
  disruptionBudgetController,
  nodeLifecycle(options.nodeGraceMs),
];
