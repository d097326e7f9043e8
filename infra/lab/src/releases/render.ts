import { stringify } from 'yaml';
import { LabError } from '../lab-error.ts';
import { must } from '../run.ts';
import type { Release } from './catalogue.ts';

const profiles = { sidecar: 'minimal', ambient: 'ambient' } as const;
export type Profile = keyof typeof profiles;

type Values = Record<string, unknown>;

const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Merges nested Helm values as Helm does: maps are merged, anything else is replaced. */
export function mergeValues(base: Values, over: Values): Values {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isValues(below) && isValues(value) ? mergeValues(below, value) : value;
  }
  return merged;
}

/** The profile of that name. Throws LabError. */
export function parseProfile(text: string): Profile {
  if (text === 'sidecar' || text === 'ambient') return text;
  throw new LabError(`"${text}" is not a profile: sidecar or ambient.`);
}

const patchesFor = (release: Release, profile: Profile): Release['patches'] =>
  release.patches.filter((patch) => patch.profiles?.includes(profile) ?? true);

/** The input of istioctl (`-f`) that installs a release with all its patches. */
export function operatorOf(release: Release, profile: Profile): string {
  const patches = patchesFor(release, profile);
  const components: Record<string, object> = {};
  for (const patch of patches) {
    for (const [name, enabled] of Object.entries(patch.components ?? {}))
      components[name] = { enabled };
  }
  const values = patches.reduce(
    (all, patch) => mergeValues(all, patch.values ?? {}),
    release.values,
  );
  return stringify({
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    spec: { profile: profiles[profile], values, components },
  });
}

/** The objects that a release's patches add, as a YAML stream. */
export function patchObjects(release: Release, profile: Profile): string {
  return patchesFor(release, profile)
    .flatMap((patch) => patch.objects ?? [])
    .map((object) => `---\n${stringify(object)}`)
    .join('');
}

/** What istioctl of that release renders, with the patches' objects after it. Needs no cluster. */
export async function renderRelease(release: Release, profile: Profile): Promise<string> {
  const args = ['manifest', 'generate', '--filename', '-'];
  const manifest = await must(release.source.istioctl, args, {
    input: operatorOf(release, profile),
  });
  return `${manifest}\n${patchObjects(release, profile)}`;
}
