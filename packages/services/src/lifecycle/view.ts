import type { CertificateAnswer } from '../certificate/rows.ts';
import type { BundleStatus, Inventory, StatusReport } from '@ambit/contracts/agent/protocol';
import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';
import type { LifecycleType, OperationState, StepState } from '@ambit/contracts/lifecycle';
import type { MeshOptions } from '@ambit/contracts/mesh-options';
import type { Release } from '@ambit/contracts/release';
import type { EnrolledMode } from '@ambit/istio/enrolment';
import type { ChangePlan } from '@ambit/istio/enrolment/plan-change';
import type { Profile } from '@ambit/istio/values';
import type { Conflict } from '../cluster-object/conflicts.ts';
import type { ReportPart } from './decide/report.ts';
import type { ClusterState } from '../cluster/state.ts';
import type { KnownCluster } from '../enrolment/load.ts';

/** One cluster of the mesh as it was seen last. */
export interface ClusterView {
  id: string;
  name: string;
  state: ClusterState;
  lastSeenAt: Date | null;
  /** Newest report; null before the first. */
  report: Pick<StatusReport, 'generation' | 'cluster' | 'bundles' | 'actions'> | null;
  inventory: Pick<Inventory, 'namespaces' | 'workloads' | 'owned'> | null;
  desired: { name: string; digest: string; mode: 'present' | 'absent' }[];
  /** Objects of others there that have the name of a policy of the mesh. */
  conflicts?: Conflict[];
  /** Proxies as its agent told of them last, for a report. */
  proxies?: { at: Date | null; told: ReportedProxy[] };
}

export interface RenderedFor {
  digest: string;
  objects: number;
}

/** What a mesh looked like when it was last Ready everywhere: the way back. */
export interface LastReady {
  release: string;
  options: MeshOptions;
  /** Digest of the control plane by cluster id. */
  digests: Record<string, string>;
}

export interface MeshView {
  id: string;
  name: string;
  profile: Profile;
  release: string;
  activeRelease: string | null;
  options: MeshOptions;
  lastReady: LastReady | null;
  policies: number;
}

/** What a plan has to remember between two looks; times are ISO. */
export interface Memory {
  rendered?: Record<string, RenderedFor>;
  renderAttempts?: number;
  renderError?: { message: string; final: boolean };
  /** While someone renders; after that it may be done again. */
  renderingUntil?: string;
  /** Set once something was handed to an agent. */
  delivered?: boolean;
  /** By `cluster@digest`. */
  failedSince?: Record<string, string>;
  /** Since when redirected pods are waited for before the node components go. */
  drainingSince?: string;
  pausedSince?: string;
  pausedMs?: number;
  labelled?: boolean;
  /** The label of before was handed over again. */
  unlabelled?: boolean;
  /** Action id by what it is for. */
  actions?: Record<string, string>;
  /** Parts of a report that are done. */
  report?: Record<string, ReportPart>;
  /** Guards and waypoints were written into the mesh's policies, or taken out of them. */
  written?: {
    waypoints?: { namespace: string; name: string }[];
    guards?: boolean;
    unguards?: boolean;
    released?: boolean;
  };
  /** Of a repair: workload whose pods have to be as wanted; on this node, when ztunnel or istio-cni itself restarts. */
  repairing?: {
    namespace: string;
    pod: string;
    workload: { kind: string; name: string };
    node?: string;
  };
  /** What is being taken back, and why. */
  recovery?: { cause: 'failed' | 'cancelled'; reason: string; message: string };
}

export interface StepView {
  name: string;
  state: StepState;
  message: string;
  startedAt: Date | null;
}

export interface ActionView {
  id: string;
  state: 'pending' | 'running' | 'succeeded' | 'failed' | 'expired';
  message: string;
}

/** Everything a decision may look at. */
export interface View {
  now: Date;
  operation: {
    id: string;
    type: LifecycleType;
    state: OperationState;
    input: OperationInput;
    memory: Memory;
  };
  steps: StepView[];
  /** Null when the mesh is gone. */
  mesh: MeshView | null;
  /** The release that is wanted; null when the catalogue does not have it any more. */
  release: Release | null;
  clusters: ClusterView[];
  enrolments: { clusterId: string; namespace: string; mode: EnrolledMode }[];
  actions: ActionView[];
  /** Of reports only. */
  diagnosis?: DiagnosisView;
  /** Of changes of enrolment only. */
  known?: KnownCluster[];
  /** The mesh's own policies of a change of enrolment, by `Kind namespace/name`: handed over with their newest version. */
  handedOver?: ReadonlyMap<string, boolean>;
}

/** What the diagnosis of the mesh says. */
export interface DiagnosisView {
  /** It has not seen yet what held when the operation began. */
  pending: boolean;
  resources: number;
  error: string;
  /** What was not looked at, in words. */
  limits: string[];
  findings: { code: string; severity: string; resource: string; message: string }[];
  /** Of the CAs and of Secrets that policies name, the first to end first. */
  certificates: CertificateView[];
}

export type CertificateView = Pick<
  CertificateAnswer,
  'clusterName' | 'use' | 'source' | 'role' | 'notAfter' | 'state' | 'isSelfSigned'
>;

/** Input as it is stored with the operation, by type; every field that a plan reads. */
export interface OperationInput {
  clusterIds?: string[];
  release?: string;
  options?: MeshOptions;
  readyTimeoutSeconds?: number;
  clusterId?: string;
  namespace?: string;
  restart?: boolean;
  /** Of a change of enrolment: what was planned when it began. */
  change?: Omit<ChangePlan, 'preview'>;
  /** Its name in a line: `shop to L4+L7`. */
  words?: string;
  /** The operation that it takes back. */
  undoes?: string;
  /** Of a repair. */
  pod?: string;
  /** Of a waypoint that is woken. */
  name?: string;
}

/** Status of a bundle at exactly a digest; undefined while the agent works on another one. */
export function bundleAt(
  cluster: ClusterView,
  name: string,
  digest: string,
): BundleStatus | undefined {
  return cluster.report?.bundles.find((b) => b.name === name && b.digest === digest);
}
