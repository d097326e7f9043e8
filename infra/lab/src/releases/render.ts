import type { KubeObject } from '@ambit/contracts/common';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import type { Release } from '@ambit/contracts/release';
import { extraObjects, installerInput } from '@ambit/istio/values';
import type { InstallInput, Profile } from '@ambit/istio/values';
import { stringify } from 'yaml';
import { LabError } from '../lab-error.ts';
import { must } from '../run.ts';

/** The profile of that name. Throws LabError. */
export function parseProfile(text: string): Profile {
  if (text === 'sidecar' || text === 'ambient') return text;
  throw new LabError(`"${text}" is not a profile: sidecar or ambient.`);
}

/** What the platform installs for a mesh of this release and profile whose options nobody changed. */
const defaultInstall = (release: Release, profile: Profile): InstallInput => ({
  release,
  profile,
  options: meshOptionsSchema.parse({}),
});

const yamlStream = (objects: KubeObject[]): string =>
  objects.map((object) => `---\n${stringify(object)}`).join('');

/** The input of istioctl (`-f`) that installs a release with all its patches, as the platform gives it. */
export function operatorOf(release: Release, profile: Profile): string {
  return stringify(installerInput(defaultInstall(release, profile)));
}

/** What istioctl of that release renders, with the patches' objects after it. Needs no cluster. */
export async function renderRelease(release: Release, profile: Profile): Promise<string> {
  if (!('istioctl' in release.source)) throw new LabError(`${release.version} names no istioctl.`);
  const args = ['manifest', 'generate', '--filename', '-'];
  const manifest = await must(release.source.istioctl, args, {
    input: operatorOf(release, profile),
  });
  return `${manifest}\n${yamlStream(extraObjects(defaultInstall(release, profile)))}`;
}
