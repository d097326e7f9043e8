import type { KubeObject } from '@ambit/contracts/common';
import {
  doorLabel,
  doorNameOf,
  doorSinceAnnotation,
  wakeSinceAnnotation,
  wakeWhyAnnotation,
} from '@ambit/contracts/agent/waypoint';
import {
  gatewayNameLabel,
  workloadName,
  type DeploymentObject,
  type DoorObject,
  type GatewayObject,
} from '../objects.ts';

/** What a door says: where connections go while its waypoint has no replica, and whether that one is being woken. */
export interface Door {
  address: string;
  port: number;
  serviceAccount: string;
  since: number;
  /** Null: it is not being woken. */
  wake: { since: number; why: string } | null;
}

export const doorApi = 'networking.istio.io/v1';

/** Null: somebody wrote into it what cannot be read. Pure. */
export function readDoor({ metadata, spec }: DoorObject): Door | null {
  const { annotations = {} } = metadata;
  const since = Number(annotations[doorSinceAnnotation]);
  const wakeSince = Number(annotations[wakeSinceAnnotation]);
  const [port] = Object.values(spec?.ports ?? {});
  if (!Number.isFinite(since) || port === undefined || !spec?.address) return null;
  return {
    address: spec.address,
    port,
    serviceAccount: spec.serviceAccount ?? '',
    since,
    wake:
      annotations[wakeSinceAnnotation] !== undefined && Number.isFinite(wakeSince)
        ? { since: wakeSince, why: annotations[wakeWhyAnnotation] ?? '' }
        : null,
  };
}

/** The identity that clients expect of a waypoint: its Deployment's ServiceAccount. */
export const accountOf = (gateway: GatewayObject, deployment: DeploymentObject): string =>
  deployment.spec.template?.spec?.serviceAccountName ?? workloadName(gateway);

/**
 * The WorkloadEntry that makes the agent an endpoint of the waypoint's Service, under the waypoint's own identity: what
 * calls it finds that identity proven by the replica that the agent passes the connection on to, byte for byte. It goes
 * with the Gateway. Pure.
 */
export function doorObject(gateway: GatewayObject, door: Door): KubeObject {
  const { name, namespace = '', uid } = gateway.metadata;
  const listener = gateway.spec.listeners?.find(({ protocol }) => protocol === 'HBONE');
  const selected = { [gatewayNameLabel]: name };
  return {
    apiVersion: doorApi,
    kind: 'WorkloadEntry',
    metadata: {
      name: doorNameOf(name),
      namespace,
      labels: {
        ...selected,
        'networking.istio.io/tunnel': 'http',
        'istio.io/dataplane-mode': 'none',
        'istio.io/use-waypoint': 'none',
        [doorLabel]: name,
        'app.kubernetes.io/managed-by': 'ambit',
      },
      annotations: {
        [doorSinceAnnotation]: String(Math.floor(door.since)),
        ...(door.wake
          ? {
              [wakeSinceAnnotation]: String(Math.floor(door.wake.since)),
              [wakeWhyAnnotation]: door.wake.why,
            }
          : {}),
      },
      ownerReferences: [{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name, uid }],
    },
    spec: {
      address: door.address,
      serviceAccount: door.serviceAccount,
      ports: { [listener?.name ?? 'mesh']: door.port },
      labels: selected,
    },
  };
}
