import type { OperationState, StepState } from '@ambit/contracts/lifecycle';
import type { MeshOptions } from '@ambit/contracts/mesh-options';
import type { KubeObject } from '@ambit/contracts/common';
import type { ReleasedGateway } from '@ambit/istio/enrolment/plan-change';
import type { EnrolmentRows } from '@ambit/istio/enrolment/rows';
import type { LastReady, Memory } from './view.ts';

/** What is to be done, as data; the executor does all of it in the transaction of the decision (render: before it). */
export type Effect =
  | { do: 'render' }
  | { do: 'setControlPlane'; clusterId: string; digest: string }
  | { do: 'syncEnrolment'; clusterId: string }
  | { do: 'withdraw'; clusterId: string; bundle: string }
  | { do: 'forgetDesired'; clusterId: string; bundles: string[] }
  | { do: 'restart'; key: string; clusterId: string; namespace: string }
  | { do: 'restartPod'; key: string; clusterId: string; namespace: string; pod: string }
  | {
      do: 'holdWaypoint';
      key: string;
      clusterId: string;
      namespace: string;
      name: string;
      services: { namespace: string; name: string }[];
    }
  | {
      do: 'drainWaypoint';
      key: string;
      clusterId: string;
      namespace: string;
      name: string;
      boundS: number;
      release: boolean;
      services: { namespace: string; name: string }[];
    }
  | { do: 'wakeWaypoint'; key: string; clusterId: string; namespace: string; name: string }
  | { do: 'setEnrolmentRows'; rows: EnrolmentRows }
  | { do: 'writePolicies'; put: KubeObject[]; remove: KubeObject[] }
  | { do: 'rememberReleased'; released: ReleasedGateway[]; rows: EnrolmentRows }
  | {
      do: 'patchMesh';
      patch: {
        release?: string;
        options?: MeshOptions;
        activeRelease?: string | null;
        lastReady?: LastReady | null;
      };
    }
  | { do: 'deliverPolicies' }
  | { do: 'removeMesh' };

export interface StepPatch {
  name: string;
  state: StepState;
  message: string;
}

export interface DecidedLog {
  step: string;
  level: 'info' | 'warning' | 'error';
  cluster: string;
  text: string;
}

export interface Decision {
  state: OperationState;
  /** Only steps that changed. */
  steps: StepPatch[];
  logs: DecidedLog[];
  memory: Memory;
  effects: Effect[];
  /** Set exactly when the state is a final one. */
  finish: { reason: string; message: string; result: Record<string, unknown> } | null;
  /** Milliseconds until it is looked at again at the latest; 0 = at once; null exactly when finished. */
  wakeInMs: number | null;
}
