import { certificatesOfMeshes } from '../certificate/rows.ts';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import type { Inventory } from '@ambit/contracts/agent/protocol';
import type { LifecycleType, OperationState, StepState } from '@ambit/contracts/lifecycle';
import type { Release } from '@ambit/contracts/release';
import type { Tx } from '@ambit/db/database';
import type { EnrolledMode } from '@ambit/istio/enrolment';
import type { Profile } from '@ambit/istio/values';
import { conflictsOf } from '../cluster-object/conflicts.ts';
import { clusterState } from '../cluster/state.ts';
import { describeMesh } from '../diagnosis/warm.ts';
import { telemetryStates } from '../telemetry-store/read.ts';
import { loadFacts } from '../enrolment/load.ts';
import type {
  ActionView,
  ClusterView,
  DiagnosisView,
  LastReady,
  Memory,
  MeshView,
  OperationInput,
  View,
} from './view.ts';

export interface OperationRow {
  id: string;
  organisationId: string;
  type: string;
  state: string;
  targetId: string;
  targetName: string;
  input: unknown;
  memory: unknown;
  startedAt: Date | null;
  createdAt: Date;
}

/** Gathers everything a decision may look at, in the transaction that will carry it out. */
export async function loadView(
  tx: Tx,
  row: OperationRow,
  releases: readonly Release[],
  now: Date,
): Promise<View> {
  const type = row.type as LifecycleType;
  const mesh = await tx.mesh.findUnique({
    where: { id: row.targetId },
    include: { _count: { select: { policies: { where: { deletedAt: null, auxiliary: false } } } } },
  });
  const isEnrolment = type === 'enrolment.change' || type === 'enrolment.repair';
  const known = isEnrolment && mesh ? await loadFacts(tx, mesh.id, now) : undefined;
  const needsInventory = type === 'mesh.delete' || type === 'mesh.report';
  return {
    now,
    operation: {
      id: row.id,
      type,
      state: row.state as OperationState,
      input: row.input as OperationInput,
      memory: row.memory as Memory,
    },
    steps: (
      await tx.operationStep.findMany({
        where: { operationId: row.id },
        orderBy: { position: 'asc' },
      })
    ).map((step) => ({
      name: step.name,
      state: step.state as StepState,
      message: step.message,
      startedAt: step.startedAt,
    })),
    mesh: mesh ? toMeshView(mesh, mesh._count.policies) : null,
    release: releases.find((release) => release.version === mesh?.release) ?? null,
    clusters: await withProxies(
      tx,
      await loadClusters(tx, row.targetId, now, needsInventory),
      type === 'mesh.report',
    ),
    ...(type === 'mesh.report' ? { diagnosis: await loadDiagnosis(tx, row, now) } : {}),
    ...(known ? { known, handedOver: await loadHandedOver(tx, row.targetId) } : {}),
    enrolments: (await tx.enrolment.findMany({ where: { meshId: row.targetId } })).map(
      ({ clusterId, namespace, mode }) => ({ clusterId, namespace, mode: mode as EnrolledMode }),
    ),
    actions: (
      await tx.agentAction.findMany({
        where: { operationId: row.id },
        select: { id: true, state: true, message: true, expiresAt: true },
      })
    ).map((action) => toActionView(action, now)),
  };
}

async function withProxies(
  tx: Tx,
  clusters: ClusterView[],
  isWanted: boolean,
): Promise<ClusterView[]> {
  if (!isWanted) return clusters;
  const states = await telemetryStates(
    tx,
    clusters.map(({ id }) => id),
  );
  return clusters.map((cluster) => {
    const state = states.find(({ clusterId }) => clusterId === cluster.id);
    return { ...cluster, proxies: { at: state?.proxiesAt ?? null, told: state?.proxies ?? [] } };
  });
}

/** Which policies of the mesh were handed to the agents with their newest version. */
async function loadHandedOver(tx: Tx, meshId: string): Promise<Map<string, boolean>> {
  const rows = await tx.policy.findMany({
    where: { meshId, auxiliary: false, kind: { in: ['Gateway', 'AuthorizationPolicy'] } },
    select: {
      kind: true,
      namespace: true,
      name: true,
      version: true,
      deliveredVersion: true,
      deletedAt: true,
    },
  });
  return new Map(
    rows.map((row) => [
      `${row.kind} ${row.namespace}/${row.name}`,
      row.version === row.deliveredVersion,
    ]),
  );
}

async function loadDiagnosis(tx: Tx, row: OperationRow, now: Date): Promise<DiagnosisView> {
  const meshId = row.targetId;
  const state = await tx.meshDiagnosis.findUnique({ where: { meshId } });
  const findings = await tx.finding.findMany({
    where: { meshId, resolvedAt: null },
    orderBy: [{ severity: 'asc' }, { id: 'asc' }],
    select: { code: true, severity: true, resource: true, message: true, suppressed: true },
  });
  const { ranAt, requestedAt, resources = 0, error = '' } = state ?? {};
  return {
    pending: !ranAt || (requestedAt ?? row.createdAt) > ranAt,
    resources,
    error,
    limits: (await describeMesh(tx, meshId, now)).limits,
    findings: findings.filter(({ suppressed }) => suppressed === null),
    certificates: (await certificatesOfMeshes(tx, { meshId }, now)).sort((a, b) =>
      a.notAfter < b.notAfter ? -1 : 1,
    ),
  };
}

/** Nobody marks an action as expired when its agent never came for it. */
function toActionView(
  row: { id: string; state: string; message: string; expiresAt: Date },
  now: Date,
): ActionView {
  const open = row.state === 'pending' || row.state === 'running';
  const state = open && row.expiresAt <= now ? 'expired' : row.state;
  return { id: row.id, message: row.message, state: state as ActionView['state'] };
}

interface MeshRow {
  id: string;
  name: string;
  profile: string;
  release: string;
  activeRelease: string | null;
  options: unknown;
  lastReady: unknown;
}

function toMeshView(row: MeshRow, policies: number): MeshView {
  return {
    id: row.id,
    name: row.name,
    profile: row.profile as Profile,
    release: row.release,
    activeRelease: row.activeRelease,
    options: meshOptionsSchema.parse(row.options),
    lastReady: row.lastReady as LastReady | null,
    policies,
  };
}

/** The clusters of a mesh by name; their inventories only when asked, for they may be megabytes. */
export async function loadClusters(
  tx: Tx,
  meshId: string,
  now: Date,
  withInventory: boolean,
): Promise<ClusterView[]> {
  const rows = await tx.cluster.findMany({
    where: { mesh: { meshId } },
    orderBy: { name: 'asc' },
    select: {
      id: true,
      name: true,
      createdAt: true,
      registeredAt: true,
      revokedAt: true,
      lastSeenAt: true,
      joinTokenExpiresAt: true,
      report: true,
      generation: true,
      inventory: withInventory,
      desired: { select: { name: true, digest: true, mode: true }, orderBy: { order: 'asc' } },
    },
  });
  const conflicts = await conflictsOf(tx, meshId);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    conflicts: conflicts.filter(({ clusterId }) => clusterId === row.id),
    state: clusterState({ ...row, report: null }, now),
    lastSeenAt: row.lastSeenAt,
    report: row.report as ClusterView['report'],
    inventory: (row.inventory ?? null) as Inventory | null,
    desired: row.desired.map((d) => ({ ...d, mode: d.mode as 'present' | 'absent' })),
  }));
}
