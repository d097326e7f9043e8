import type { BundleStatus } from '@ambit/contracts/agent/protocol';
import type { Condition, Status } from '@ambit/contracts/common';
import type { OperationState } from '@ambit/contracts/lifecycle';
import type { Release } from '@ambit/contracts/release';
import { kubernetesRefusal } from '@ambit/istio/releases/upgrade-path';
import { bundleAt, type ClusterView } from '../lifecycle/view.ts';
import { byCluster, firstError, list, progressOf } from '../lifecycle/words.ts';

export interface MeshFacts {
  now: Date;
  mesh: {
    name: string;
    release: string;
    activeRelease: string | null;
    version: number;
    conditions: Condition[];
  };
  clusters: ClusterView[];
  /** The active release, when the catalogue has it. */
  release: Pick<Release, 'version' | 'kubernetes' | 'source'> | null;
  /** The unfinished operation. */
  operation: { type: string; title: string; message: string; paused: boolean } | null;
  /** The finished one before it. */
  lastOperation: { title: string; state: OperationState; reason: string; message: string } | null;
}

type Said = Pick<Condition, 'status' | 'reason' | 'message'>;

/** Conditions of a mesh from facts alone; `lastTransitionTime` moves only when a status does. */
export function meshConditions(facts: MeshFacts): Condition[] {
  const said: Record<string, Said> = {
    Ready: ready(facts),
    Reconciled: reconciled(facts),
    DependenciesHealthy: dependencies(facts),
    Progressing: progressing(facts),
  };
  return Object.entries(said).map(([type, condition]) => {
    const before = facts.mesh.conditions.find((c) => c.type === type);
    return {
      type,
      ...condition,
      observedGeneration: facts.mesh.version,
      lastTransitionTime:
        before && before.status === condition.status
          ? before.lastTransitionTime
          : facts.now.toISOString(),
    };
  });
}

/** One word and one sentence: how the mesh is and what, if anything, to do. */
export function meshStatus(
  facts: MeshFacts,
  conditions: Condition[],
): { status: Status; statusMessage: string } {
  const { mesh, operation, lastOperation } = facts;
  const say = (status: Status, statusMessage: string) => ({ status, statusMessage });
  if (operation) {
    const message = `${operation.title}: ${operation.message || 'about to begin'}`;
    return say(operation.paused ? 'Paused' : 'Progressing', message);
  }
  if (!mesh.activeRelease) {
    if (lastOperation?.state === 'failed') {
      return say('Failed', `${lastOperation.title} failed: ${lastOperation.message}`);
    }
    return say('Waiting', 'Not installed. Retry its creation, or delete it.');
  }
  const bad = ['Ready', 'Reconciled', 'DependenciesHealthy']
    .map((type) => conditions.find((c) => c.type === type))
    .find((c) => c !== undefined && c.status !== 'True');
  if (bad) return say(bad.status === 'Unknown' ? 'Unknown' : 'Degraded', bad.message);
  const base = `Istio ${mesh.activeRelease} is Ready on ${list(facts.clusters.map((c) => c.name))}`;
  return lastOperation?.state === 'failed'
    ? say('Ready', `${base}. ${lastOperation.title} failed: ${lastOperation.message}`)
    : say('Ready', base);
}

const yes = (reason: string, message: string): Said => ({ status: 'True', reason, message });
const no = (reason: string, message: string): Said => ({ status: 'False', reason, message });
const unknown = (reason: string, message: string): Said => ({ status: 'Unknown', reason, message });

function unreachable({ clusters }: MeshFacts): Said | undefined {
  const away = clusters.filter((cluster) => cluster.state !== 'connected');
  if (away.length === 0) return undefined;
  const names = list(away.map((cluster) => cluster.name));
  return unknown(
    'AgentUnreachable',
    `Nothing is heard of the agent of ${names}; what runs there goes on, but how it is is not known`,
  );
}

function ready(facts: MeshFacts): Said {
  const { mesh, clusters } = facts;
  if (!mesh.activeRelease) return no('NotInstalled', 'No release has become Ready yet');
  const away = unreachable(facts);
  if (away) return away;
  const open = clusters.filter((cluster) => statusOf(cluster, 'control-plane')?.state !== 'Ready');
  if (open.length === 0) {
    return yes('AllReady', `The control plane is Ready on ${list(clusters.map((c) => c.name))}`);
  }
  return no(
    'ControlPlaneNotReady',
    byCluster(open, (cluster) => progressOf(statusOf(cluster, 'control-plane'))),
  );
}

function reconciled(facts: MeshFacts): Said {
  const rows = facts.clusters.flatMap((cluster) =>
    cluster.desired.map((row) => ({
      cluster,
      row,
      status: bundleAt(cluster, row.name, row.digest),
    })),
  );
  if (rows.length === 0) return no('NothingApplied', 'Nothing has been handed to an agent yet');
  const away = unreachable(facts);
  if (away) return away;
  const failed = rows.find(({ status }) => (status?.errors.length ?? 0) > 0);
  if (failed?.status) {
    return no(
      'ApplyError',
      `${failed.cluster.name}, ${failed.row.name}: ${firstError(failed.status)}`,
    );
  }
  const open = rows.find(({ status }) => !status || !settled(status));
  if (open) {
    return no('Applying', `${open.cluster.name}, ${open.row.name}: ${progressOf(open.status)}`);
  }
  const drifted = rows.find(({ status }) => status?.drift.some((d) => !d.repaired));
  if (drifted) {
    const drift = drifted.status?.drift.find((d) => !d.repaired);
    return no(
      'Drifted',
      drifted.row.name === 'enrolment'
        ? flappingText(drifted.cluster.name, drift!)
        : `${drifted.cluster.name}: ${drift?.object.kind} ${drift?.object.name} was changed by ${drift?.manager}`,
    );
  }
  return yes('Applied', 'Everything that is wanted is applied');
}

/** Whoever only takes a field away leaves no trace of itself in Kubernetes: the last other writer is named. */
const flappingText = (cluster: string, drift: BundleStatus['drift'][number]): string =>
  `${cluster}: labels of ${drift.object.kind} ${drift.object.name} are taken back as often as they are set (${drift.fields.map(labelOf).join(', ')}), and Ambit leaves them now; last written by ${drift.manager || 'somebody unknown'}. Set them in its source, or take the enrolment back`;

/** The label of a pointer such as `/metadata/labels/istio-injection`. */
const labelOf = (pointer: string): string =>
  pointer
    .replace(/^\/metadata\/labels\/?/, '')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~') || 'labels';

const settled = (status: BundleStatus): boolean =>
  status.state === 'Ready' || status.state === 'Degraded' || status.state === 'Removed';

function dependencies(facts: MeshFacts): Said {
  const { clusters, release } = facts;
  const away = unreachable(facts);
  if (away) return away;
  for (const cluster of clusters) {
    const found = cluster.report?.cluster;
    if (!found) continue;
    const refusal = release ? kubernetesRefusal(release, found.kubernetesVersion) : null;
    if (refusal) return no('KubernetesNotSupported', `${cluster.name}: ${refusal}`);
    const down = found.nodes.filter((node) => !node.ready).map((node) => node.name);
    if (down.length > 0) {
      return no('NodesNotReady', `${cluster.name}: not ready are ${list(down)}`);
    }
  }
  return yes('Healthy', 'Agents, Kubernetes versions and nodes are as they should be');
}

function progressing({ operation }: MeshFacts): Said {
  if (!operation) return no('Idle', 'Nothing is under way');
  const reason = operation.type
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return yes(reason, operation.message || operation.title);
}

function statusOf(cluster: ClusterView, name: string): BundleStatus | undefined {
  const row = cluster.desired.find((d) => d.name === name);
  return row ? bundleAt(cluster, name, row.digest) : undefined;
}
