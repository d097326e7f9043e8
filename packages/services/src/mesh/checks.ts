import { counted } from '@ambit/contracts/words';
import type { z } from 'zod';
import type { ErrorCode } from '@ambit/contracts/errors';
import type { MeshOptions } from '@ambit/contracts/mesh-options';
import type { checkSchema } from '@ambit/contracts/operations/mesh';
import type { Release } from '@ambit/contracts/release';
import { isSupported } from '@ambit/istio/releases/catalogue';
import { isOlderGatewayApi } from '@ambit/istio/releases/gateway-api';
import { kubernetesRefusal } from '@ambit/istio/releases/upgrade-path';
import { overriddenOptions, patchesFor, type Profile } from '@ambit/istio/values';
import { AmbitError } from '../kernel/errors.ts';
import type { ClusterFacts } from './cluster-facts.ts';

export type Check = z.infer<typeof checkSchema>;

/** Checks of clusters before a release is put on them. Pure. */
export function checkClusters({
  clusters,
  release,
  meshId,
}: {
  clusters: ClusterFacts[];
  release: Release;
  /** Mesh the clusters may belong to already. */
  meshId?: string;
}): Check[] {
  return clusters.flatMap((cluster) => checkCluster(cluster, release, meshId));
}

function checkCluster(cluster: ClusterFacts, release: Release, meshId?: string): Check[] {
  const { name, state, mesh, report } = cluster;
  const checks: Check[] = [];
  if (mesh && mesh.id !== meshId) {
    checks.push(
      error('InMesh', `${name} is in the mesh ${mesh.name} already`, 'choose another cluster'),
    );
  }
  if (state !== 'connected' || !report) {
    const why = {
      waiting: 'no agent has joined from it yet',
      stale: 'its agent was not heard of for a while',
      gone: 'the credential of its agent was revoked',
      connected: 'its agent has not reported yet',
    }[state];
    checks.push(
      error('NotConnected', `${name} is not connected: ${why}`, 'see the page of the cluster'),
    );
    return checks;
  }
  const refusal = kubernetesRefusal(release, report.cluster.kubernetesVersion);
  if (refusal) {
    checks.push(error('Kubernetes', `${name}: ${refusal}`, 'choose another release'));
  }
  for (const foreign of report.cluster.foreignIstio) {
    checks.push(
      error(
        'ForeignIstio',
        `${name} runs Istio ${foreign.version} (${foreign.namespace}/${foreign.name}, managed by ${foreign.managedBy}), which is not Ambit's`,
        'remove it first; Ambit never overwrites it',
      ),
    );
  }
  const down = report.cluster.nodes.filter((node) => !node.ready);
  if (down.length > 0) {
    checks.push({
      name: 'Nodes',
      severity: 'warning',
      message: `${name}: ${down.length} of ${counted(report.cluster.nodes.length, 'node')} not ready`,
    });
  }
  const found = report.cluster.gatewayApi;
  if (found !== null && !meshId) {
    const older = isOlderGatewayApi(release, found);
    checks.push({
      name: 'GatewayApi',
      severity: older ? 'warning' : 'info',
      message: older
        ? `${name} keeps its own Gateway API ${found}; ${release.version} goes with ${release.gatewayApi?.version}`
        : `${name} has Gateway API ${found} already; it is left as it is`,
      ...(older ? { fix: 'update its CRDs when routes or waypoints are to be used' } : {}),
    });
  }
  if (checks.length === 0) {
    checks.push({
      name: 'Cluster',
      severity: 'ok',
      message: `${name}: Kubernetes ${report.cluster.kubernetesVersion}, ${counted(report.cluster.nodes.length, 'node')}, no other Istio`,
    });
  }
  return checks;
}

/** Checks of a release with a profile and options. Pure. */
export function checkRelease(
  input: { release: Release; profile: Profile; options: MeshOptions },
  now: Date,
): Check[] {
  const { release } = input;
  const checks: Check[] = [];
  if (!isSupported(release, now)) {
    checks.push({
      name: 'EndOfLife',
      severity: 'warning',
      message: `Istio ${release.version} reached its end of life on ${release.endOfLife}`,
      fix: 'choose a newer release',
    });
  }
  for (const patch of patchesFor(input)) {
    checks.push({
      name: 'Patch',
      severity: 'info',
      message: `${release.version} is changed by "${patch.name}": ${patch.reason}`,
    });
  }
  for (const { patch, paths } of overriddenOptions(input)) {
    checks.push({
      name: 'Overridden',
      severity: 'info',
      message: `"${patch}" of the release sets ${paths.join(', ')} whatever the options say`,
    });
  }
  return checks;
}

export const isAllowed = (checks: Check[]): boolean =>
  checks.every((check) => check.severity !== 'error');

const codes: Record<string, ErrorCode> = {
  InMesh: 'conflict',
  NameTaken: 'conflict',
  NotConnected: 'conflict',
  ForeignIstio: 'conflict',
  Kubernetes: 'unprocessable',
};

/** @throws AmbitError for the first error of a list of checks, with all of them as details */
export function refuseErrors(checks: Check[]): void {
  const errors = checks.filter((check) => check.severity === 'error');
  const [first] = errors;
  if (!first) return;
  throw new AmbitError(codes[first.name] ?? 'conflict', first.message, {
    ...(first.fix ? { fix: first.fix } : {}),
    details: errors.map((check) => ({ path: check.name, message: check.message })),
  });
}

const error = (name: string, message: string, fix: string): Check => ({
  name,
  severity: 'error',
  message,
  fix,
});
