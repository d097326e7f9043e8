import type { KubeObject } from '@ambit/contracts/common';

export interface Readiness {
  ready: boolean;
  /** It will not become ready by itself (a deadline passed, a name is taken). */
  stuck: boolean;
  message: string;
}

const ready: Readiness = { ready: true, stuck: false, message: '' };
const waiting = (message: string, stuck = false): Readiness => ({ ready: false, stuck, message });

interface Live {
  metadata: { generation?: number };
  spec?: { replicas?: number; updateStrategy?: { type?: string } };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    readyReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberAvailable?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

/** Kinds that become ready by themselves some time after they were applied. */
export const isWaitedFor = ({ kind }: { kind: string }): boolean =>
  ['Deployment', 'DaemonSet', 'StatefulSet', 'CustomResourceDefinition'].includes(kind);

/**
 * Whether a live object is ready, by the rules of `kubectl rollout status` and of CRDs' Established condition.
 * Every other kind is ready once it exists.
 */
export function readiness(object: KubeObject): Readiness {
  const live = object as unknown as Live;
  switch (object.kind) {
    case 'Deployment':
      return observed(live) ?? deployment(live);
    case 'DaemonSet':
      return observed(live) ?? daemonSet(live);
    case 'StatefulSet':
      return observed(live) ?? statefulSet(live);
    case 'CustomResourceDefinition':
      return definition(live);
    default:
      return ready;
  }
}

function observed({ metadata, status }: Live): Readiness | null {
  if ((status?.observedGeneration ?? 0) >= (metadata.generation ?? 0)) return null;
  return waiting('the change is not taken up yet');
}

const condition = ({ status }: Live, type: string) =>
  status?.conditions?.find((one) => one.type === type);

function deployment(live: Live): Readiness {
  const wanted = live.spec?.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = live.status ?? {};
  const progressing = condition(live, 'Progressing');
  const stuck = progressing?.reason === 'ProgressDeadlineExceeded';
  if (updatedReplicas < wanted) return waiting(`${updatedReplicas} of ${wanted} updated`, stuck);
  if (replicas > updatedReplicas) {
    return waiting(`${replicas - updatedReplicas} old pods are still there`, stuck);
  }
  if (availableReplicas < updatedReplicas) {
    return waiting(`${availableReplicas} of ${wanted} available`, stuck);
  }
  return ready;
}

function daemonSet(live: Live): Readiness {
  const {
    desiredNumberScheduled = 0,
    updatedNumberScheduled = 0,
    numberAvailable = 0,
  } = live.status ?? {};
  const byHand = live.spec?.updateStrategy?.type === 'OnDelete';
  if (!byHand && updatedNumberScheduled < desiredNumberScheduled) {
    return waiting(`${updatedNumberScheduled} of ${desiredNumberScheduled} nodes updated`);
  }
  if (numberAvailable < desiredNumberScheduled) {
    return waiting(`${numberAvailable} of ${desiredNumberScheduled} nodes available`);
  }
  return ready;
}

function statefulSet(live: Live): Readiness {
  const wanted = live.spec?.replicas ?? 1;
  const {
    updatedReplicas = 0,
    readyReplicas = 0,
    currentRevision,
    updateRevision,
  } = live.status ?? {};
  const byHand = live.spec?.updateStrategy?.type === 'OnDelete';
  if (readyReplicas < wanted) return waiting(`${readyReplicas} of ${wanted} ready`);
  if (!byHand && currentRevision !== updateRevision && updatedReplicas < wanted) {
    return waiting(`${updatedReplicas} of ${wanted} updated`);
  }
  return ready;
}

function definition(live: Live): Readiness {
  const names = condition(live, 'NamesAccepted');
  if (names?.status === 'False') return waiting(names.message ?? 'its names are taken', true);
  if (condition(live, 'Established')?.status === 'True') return ready;
  return waiting('not established yet');
}
