import type { Release } from '@ambit/contracts/release';
import { isSandboxKubernetes, isSimulated } from './simulated.ts';
import { compareVersions, minorSkew, parseVersion } from './version.ts';

/**
 * Why an in-place upgrade between two releases is not possible, or null when it is: to a newer patch of the same
 * minor, or to the next minor. A control plane may be one minor ahead of its data plane (istio.io, "Upgrade" and
 * "Ambient: upgrade with Helm").
 */
export function upgradeRefusal(from: string, to: string): string | null {
  if (from === to) return `the mesh is on ${to} already`;
  const skew = minorSkew(from, to);
  if (skew === undefined) return `${from} and ${to} cannot be compared`;
  if (compareVersions(to, from) < 0) {
    return `${to} is older than ${from}; going back is done by the rollback of an upgrade, not by another upgrade`;
  }
  if (skew > 1) {
    return `${to} is ${skew} minors ahead of ${from}; Istio supports one minor at a time`;
  }
  return null;
}

/** Releases a mesh can be upgraded to in place, newest first. */
export function upgradesFrom(from: string, releases: Release[]): string[] {
  return releases
    .map((release) => release.version)
    .filter((version) => upgradeRefusal(from, version) === null)
    .sort((a, b) => compareVersions(b, a));
}

/**
 * Why a release does not run on a cluster's Kubernetes, or null when it does.
 * @param kubernetes version as the API server tells it, such as v1.34.4
 */
export function kubernetesRefusal(
  release: Pick<Release, 'version' | 'kubernetes' | 'source'>,
  kubernetes: string,
): string | null {
  const { min, max } = release.kubernetes;
  if (isSimulated(release) && !isSandboxKubernetes(kubernetes)) {
    return `${release.version} is a simulation and runs only in the sandbox; choose another release`;
  }
  const version = parseVersion(kubernetes);
  if (!version) return `the Kubernetes version "${kubernetes}" is not understood`;
  const minor = `${version.major}.${version.minor}`;
  if (compareVersions(minor, min) >= 0 && compareVersions(minor, max) <= 0) return null;
  return `Istio ${release.version} supports Kubernetes ${min} to ${max}, this cluster runs ${minor}`;
}
