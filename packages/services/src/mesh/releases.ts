import type { Release } from '@ambit/contracts/release';
import { defaultRelease, newestFirst } from '@ambit/istio/releases/catalogue';
import { invalid } from '../kernel/errors.ts';

/**
 * A release of the catalogue; when none is named, the default one for clusters of these Kubernetes versions.
 * @throws AmbitError invalid_input naming the versions there are
 */
export function findRelease(
  releases: Release[],
  version: string | undefined,
  kubernetes: string[] = [],
): Release {
  const found =
    version === undefined
      ? defaultRelease(releases, kubernetes)
      : releases.find((release) => release.version === version);
  if (found) return found;
  const known = newestFirst(releases).map((release) => release.version);
  throw invalid(`there is no release ${version ?? ''} in the catalogue`, [
    { path: 'release', message: `one of ${known.join(', ')}` },
  ]);
}
