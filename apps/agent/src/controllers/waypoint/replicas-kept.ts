import type { KubeObject } from '@ambit/contracts/common';
import type { Listed } from '../../kube/watch.ts';
import type { DeploymentObject, GatewayObject, WaypointWorld } from './objects.ts';
import { deploymentOf, poolOf } from './status.ts';

/** Another than for what the agent scales: who scales writes, who keeps applies. */
export const keepManager = 'ambit-waypoints-keep';

interface Managed {
  manager?: string;
  operation?: string;
  fieldsV1?: { 'f:spec'?: { 'f:replicas'?: object } };
}

/**
 * Whether only one that applies a Deployment says its replicas. When it leaves them out the next time, the API server
 * makes one of them (kubernetes.io, "Server-Side Apply", transferring ownership): so istiod would, once the pool is not of
 * a fixed number any more, or the waypoint of another pool.
 */
export function isReplicasAtRisk({ metadata }: Listed): boolean {
  const managed = ((metadata as { managedFields?: Managed[] }).managedFields ?? []).filter(
    ({ fieldsV1 }) => fieldsV1?.['f:spec']?.['f:replicas'] !== undefined,
  );
  const [one] = managed;
  return managed.length === 1 && one?.operation === 'Apply' && one.manager !== keepManager;
}

/** What says the replicas of a waypoint's Deployment a second time, so that they stay; null: they do already. Pure. */
export function keptReplicas(gateway: GatewayObject, world: WaypointWorld): KubeObject | null {
  const deployment = deploymentOf(gateway, world);
  const { replicas } = deployment?.spec ?? {};
  if (!deployment?.isAtRisk || replicas === undefined || deployment.metadata.deletionTimestamp) {
    return null;
  }
  if (poolOf(gateway, world.classes) === '') return null;
  const { namespace = '', name, uid } = deployment.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name, uid },
    spec: { replicas },
  };
}

/** A Deployment as it came, with what its managed fields say. */
export const withRisk = (deployment: DeploymentObject): DeploymentObject =>
  isReplicasAtRisk(deployment) ? { ...deployment, isAtRisk: true } : deployment;
