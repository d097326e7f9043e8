import type { Release } from '@ambit/contracts/release';
import { compareVersions } from './version.ts';

/**
 * True when a cluster has a Gateway API of its own that is older than what a release brings: the two do not mix, so
 * it is left as it is. One as new or newer serves what the release needs; the agent leaves what others installed and
 * adds only definitions that are missing.
 * @param found version as the agent reports it, such as v1.4.0; null for none
 */
export function isOlderGatewayApi(
  release: Pick<Release, 'gatewayApi'>,
  found: string | null,
): boolean {
  if (found === null || !release.gatewayApi) return false;
  return compareVersions(found, release.gatewayApi.version) < 0;
}
