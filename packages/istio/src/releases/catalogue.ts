import { releaseCatalogueSchema, type Release } from '@ambit/contracts/release';
import { isSandboxKubernetes, isSimulated } from './simulated.ts';
import { compareVersions } from './version.ts';

const istioctl = (version: string): string =>
  `https://github.com/istio/istio/releases/download/${version}/istioctl-${version}-{os}-{arch}.tar.gz`;

const gatewayApi = (version: string) => ({
  version,
  url: `https://github.com/kubernetes-sigs/gateway-api/releases/download/v${version}/standard-install.yaml`,
});

const known = [
  {
    version: '1.30.3',
    channel: 'stable',
    kubernetes: { min: '1.31', max: '1.35' },
    endOfLife: '2027-02-28',
    source: { url: istioctl('1.30.3') },
    gatewayApi: gatewayApi('1.4.0'),
  },
  {
    version: '1.29.0',
    channel: 'stable',
    kubernetes: { min: '1.31', max: '1.35' },
    endOfLife: '2026-12-31',
    source: { url: istioctl('1.29.0') },
    gatewayApi: gatewayApi('1.4.0'),
  },
  {
    version: '1.28.0',
    channel: 'old',
    kubernetes: { min: '1.30', max: '1.34' },
    endOfLife: '2026-08-31',
    source: { url: istioctl('1.28.0') },
    gatewayApi: gatewayApi('1.4.0'),
  },
];

/**
 * Istio versions known without a catalogue file. Kubernetes ranges and ends of life follow istio.io,
 * "Supported releases"; a catalogue file (AMBIT_RELEASES) replaces all of them.
 */
export const builtInReleases: Release[] = releaseCatalogueSchema.parse(known);

/** Releases newest first. */
export const newestFirst = (releases: Release[]): Release[] =>
  [...releases].sort((a, b) => compareVersions(b.version, a.version));

/** True until the end of its last supported day (UTC). */
export const isSupported = (release: Pick<Release, 'endOfLife'>, now: Date): boolean =>
  now.getTime() < Date.parse(`${release.endOfLife}T00:00:00Z`) + 86_400_000;

/**
 * What is installed when no release is named: the newest stable one, else the newest of all; in sandboxes alone the
 * newest simulated one as it is meant to be, without patches.
 * @param kubernetes versions of the clusters it is for
 */
export function defaultRelease(
  releases: Release[],
  kubernetes: string[] = [],
): Release | undefined {
  const sorted = newestFirst(releases);
  const inSandbox = kubernetes.length > 0 && kubernetes.every(isSandboxKubernetes);
  const simulated = inSandbox
    ? sorted.find((release) => isSimulated(release) && release.patches.length === 0)
    : undefined;
  return simulated ?? sorted.find((release) => release.channel === 'stable') ?? sorted[0];
}
