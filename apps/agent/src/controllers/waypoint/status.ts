import {
  istioWaypointClass,
  poolLabel,
  waypointController,
  type ReportedWaypoint,
  type WaypointFigures,
  type WaypointReason,
  type WaypointState,
  type WaypointTraffic,
} from '@ambit/contracts/agent/waypoint';
import { podTrouble, type Trouble } from './trouble.ts';
import {
  deployerAnnotation,
  isTrue,
  keyOf,
  workloadName,
  type DeploymentObject,
  type GatewayObject,
  type WaypointWorld,
} from './objects.ts';

/** What is known of a waypoint beside its objects. */
export interface Watched {
  figures: WaypointFigures;
  traffic: WaypointTraffic | null;
  rejected: readonly string[];
  lastActiveAt: number | null;
  scaled: { at: number | null; why: string };
}

export const nothingWatched: Watched = {
  figures: {
    requestsPerSecond: null,
    activeRequests: null,
    p50Ms: null,
    p99Ms: null,
    addedMs: null,
    errorShare: null,
    at: null,
  },
  traffic: null,
  rejected: [],
  lastActiveAt: null,
  scaled: { at: null, why: '' },
};

/** Whether a Gateway is, or means to be, a waypoint: by its class, or where that says nothing by its listener. */
export function isWaypoint({ spec }: GatewayObject, classes: WaypointWorld['classes']): boolean {
  if (spec.gatewayClassName === istioWaypointClass) return true;
  const controller = classes.get(spec.gatewayClassName)?.spec.controllerName;
  if (controller === waypointController) return true;
  return spec.listeners?.some(({ protocol }) => protocol === 'HBONE') ?? false;
}

/** The pool whose class a Gateway is of; empty for none. */
export const poolOf = ({ spec }: GatewayObject, classes: WaypointWorld['classes']): string =>
  classes.get(spec.gatewayClassName)?.metadata.labels?.[poolLabel] ?? '';

export const deploymentOf = (
  gateway: GatewayObject,
  { deployments }: WaypointWorld,
): DeploymentObject | undefined =>
  deployments.get(`${gateway.metadata.namespace ?? ''}/${workloadName(gateway)}`);

/** The HorizontalPodAutoscaler of a waypoint's Deployment, whoever made it. */
export const scalerFor = (gateway: GatewayObject, { scalers }: WaypointWorld) =>
  scalers.get(`${gateway.metadata.namespace ?? ''}/${workloadName(gateway)}`);

/** How a waypoint is, why, and what it does. Pure. */
export function waypointStatus(
  gateway: GatewayObject,
  world: WaypointWorld,
  scaling: ReportedWaypoint['scaling'],
  watched: Watched = nothingWatched,
  sleep: ReportedWaypoint['sleep'] = null,
): ReportedWaypoint {
  const { namespace = '', name, labels = {} } = gateway.metadata;
  const deployment = deploymentOf(gateway, world);
  const desired = deployment?.spec.replicas ?? (deployment ? 1 : 0);
  const ready = deployment?.status?.readyReplicas ?? 0;
  const programmed = isTrue(gateway.status?.conditions, 'Programmed');
  const verdict = judge(gateway, world, { desired, ready, programmed, watched, sleep });
  return {
    namespace,
    name,
    gatewayClass: gateway.spec.gatewayClassName,
    pool: poolOf(gateway, world.classes),
    takes: labels['istio.io/waypoint-for'] ?? 'service',
    ...verdict,
    message: verdict.message.slice(0, 1_000),
    programmed,
    replicas: {
      desired,
      ready,
      updated: deployment?.status?.updatedReplicas ?? 0,
      total: deployment?.status?.replicas ?? 0,
    },
    scaling,
    figures: watched.figures,
    traffic: watched.traffic,
    rejected: watched.rejected.slice(0, 10).map((one) => one.slice(0, 1_000)),
    lastActiveAt: watched.lastActiveAt,
    sleep,
  };
}

interface Seen {
  desired: number;
  ready: number;
  programmed: boolean;
  watched: Watched;
  sleep: ReportedWaypoint['sleep'];
}

interface Verdict {
  state: WaypointState;
  reason: WaypointReason;
  message: string;
}

function judge(gateway: GatewayObject, world: WaypointWorld, seen: Seen): Verdict {
  const { desired, ready, programmed, watched, sleep } = seen;
  const serves = programmed && ready > 0;
  const say = (state: WaypointState, reason: WaypointReason, message: string): Verdict => ({
    state,
    reason,
    message,
  });
  if (gateway.metadata.deletionTimestamp) {
    return say('Progressing', 'Draining', 'it is being deleted: its replicas drain');
  }
  const trouble = askTrouble(gateway, world) ?? runTrouble(gateway, world);
  if (trouble) return say(serves ? 'Degraded' : 'Failed', trouble.reason, trouble.message);
  if (programmed && sleep?.phase === 'asleep') {
    const message = `${sleep.message}; the next connection waits for a replica`;
    return say('Ready', 'Sleeping', message);
  }
  if (programmed && sleep?.phase === 'waking' && ready === 0) {
    return say('Progressing', 'Waking', `it is being woken: ${sleep.message}`);
  }
  if (deploymentOf(gateway, world) !== undefined && desired === 0) {
    return say(
      'Failed',
      'NoReplicas',
      'it has no replicas: connections to what uses it fail until one is ready',
    );
  }
  if (!programmed) {
    const said = gateway.status?.conditions?.find(({ type }) => type === 'Programmed');
    return say(
      'Progressing',
      ready > 0 ? 'NotProgrammed' : 'Starting',
      said?.message || 'istiod has not programmed it yet',
    );
  }
  if (ready < desired) {
    return say(
      ready > 0 ? 'Degraded' : 'Progressing',
      ready > 0 ? 'ReplicasMissing' : 'Starting',
      `${ready} of ${desired} replicas ready`,
    );
  }
  const [rejected] = watched.rejected;
  if (rejected !== undefined) {
    return say('Degraded', 'ConfigurationRejected', `its proxy refuses configuration: ${rejected}`);
  }
  return say('Ready', 'Serving', `${ready} of ${desired} replicas ready`);
}

/** What is wrong about how it is asked for. */
function askTrouble(gateway: GatewayObject, world: WaypointWorld): Trouble | null {
  const { gatewayClassName, infrastructure } = gateway.spec;
  const { namespace = '' } = gateway.metadata;
  const gatewayClass = world.classes.get(gatewayClassName);
  if (!gatewayClass) {
    return {
      reason: 'ClassMissing',
      message: `there is no GatewayClass ${gatewayClassName} in the cluster: nothing makes this waypoint`,
    };
  }
  const { controllerName } = gatewayClass.spec;
  if (controllerName !== waypointController) {
    return {
      reason: 'ForeignController',
      message: `its class ${gatewayClassName} belongs to ${controllerName}: Istio takes no routes for it, and Ambit leaves it alone`,
    };
  }
  const parameters = infrastructure?.parametersRef;
  if (parameters && (parameters.group !== '' || parameters.kind !== 'ConfigMap')) {
    return {
      reason: 'ParametersMissing',
      message: `its parametersRef names a ${parameters.kind}; istiod reads a ConfigMap`,
    };
  }
  if (parameters && world.parameters.get(`${namespace}/${parameters.name}`) === false) {
    return {
      reason: 'ParametersElsewhere',
      message: `its parametersRef names ConfigMap ${parameters.name}, which is not in namespace ${namespace}: it has to be in the Gateway's own`,
    };
  }
  return null;
}

/** What is wrong with what runs. */
function runTrouble(gateway: GatewayObject, world: WaypointWorld): Trouble | null {
  const deployment = deploymentOf(gateway, world);
  const owner = deployment?.metadata.ownerReferences?.find(
    ({ controller }) => controller !== false,
  );
  if (deployment && owner && owner.uid !== gateway.metadata.uid) {
    return {
      reason: 'ForeignDeployer',
      message: `Deployment ${keyOf(deployment)} belongs to ${owner.kind} ${owner.name}: two make one waypoint`,
    };
  }
  const isOthers = Number(gateway.metadata.annotations?.[deployerAnnotation] ?? 0) > 5;
  if (!deployment && isOthers) {
    return {
      reason: 'ForeignDeployer',
      message: `annotation ${deployerAnnotation} tells istiod not to deploy it, and nobody else has`,
    };
  }
  return podTrouble(deployment, world.pods.get(keyOf(gateway)) ?? []);
}
