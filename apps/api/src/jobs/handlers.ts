import { jobs, type JobName } from '@ambit/contracts/jobs';
import { advance } from '@ambit/services/lifecycle/advance';
import { deliverAlert } from '@ambit/services/alert/deliver';
import type { AlertEngine } from '@ambit/services/alert/engine';
import { evaluateAlerts } from '@ambit/services/alert/evaluate';
import { diagnoseMesh } from '@ambit/services/diagnosis/run';
import { keepGuards } from '@ambit/services/enrolment/keep-guards';
import { keepWaypoints } from '@ambit/services/waypoint/keep-waypoints';
import type { Engine } from '@ambit/services/lifecycle/engine';
import type { Platform } from '@ambit/services/kernel/context';
import { lookAtSignals } from '@ambit/services/objective/look';
import { observeMesh } from '@ambit/services/mesh/observe';
import { deliverPolicies } from '@ambit/services/policy/deliver';
import { reflectStatuses } from '@ambit/services/cluster-object/reflect';
import { rollUp } from '@ambit/services/telemetry-store/roll';

/** What each job does. All of them may be repeated, and done by several processes at once. */
export function handlersOf(
  engine: Engine,
  alerts: AlertEngine,
  platform: Platform | undefined,
): Record<JobName, (data: unknown) => Promise<void>> {
  const diagnosis = { ...engine, ...(platform ? { reacher: platform } : {}) };
  return {
    'operation.advance': async (data) => {
      const ids = jobs['operation.advance'].data.parse(data);
      await advance(engine, ids.organisationId, ids.operationId);
    },
    'policies.deliver': async (data) => {
      const ids = jobs['policies.deliver'].data.parse(data);
      await deliverPolicies(engine, ids.organisationId, ids.meshId);
    },
    'policies.reflect': async (data) => {
      const ids = jobs['policies.reflect'].data.parse(data);
      await reflectStatuses(engine, ids.organisationId, ids.meshId);
    },
    'mesh.observe': async (data) => {
      const ids = jobs['mesh.observe'].data.parse(data);
      await observeMesh(engine, ids.organisationId, ids.meshId);
      await keepWaypoints(engine, ids.organisationId, ids.meshId);
    },
    'mesh.diagnose': async (data) => {
      const ids = jobs['mesh.diagnose'].data.parse(data);
      await diagnoseMesh(diagnosis, ids.organisationId, ids.meshId);
      await keepGuards(engine, ids.organisationId, ids.meshId);
      await keepWaypoints(engine, ids.organisationId, ids.meshId);
    },
    'alerts.evaluate': async (data) => {
      const ids = jobs['alerts.evaluate'].data.parse(data);
      await evaluateAlerts(alerts, ids.organisationId);
    },
    'telemetry.rollUp': async (data) => {
      const ids = jobs['telemetry.rollUp'].data.parse(data);
      await rollUp(engine, ids.organisationId, ids.clusterId);
    },
    'mesh.signals': async (data) => {
      const ids = jobs['mesh.signals'].data.parse(data);
      if (platform) await lookAtSignals(platform, ids.organisationId, ids.meshId);
    },
    'alerts.deliver': async (data) => {
      const ids = jobs['alerts.deliver'].data.parse(data);
      await deliverAlert(alerts, ids.organisationId, ids.deliveryId);
    },
  };
}
