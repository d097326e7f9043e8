import type {
  EnvoyFilterEnvoyConfigObjectPatch,
  EnvoyFilterPatch,
} from '@ambit/istio/validation/generated/types';
import type { Path, Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import type { View } from '../../view.ts';
import { defineIndex } from '../../view.ts';

type Patch = EnvoyFilterEnvoyConfigObjectPatch;
type EnvoyFilter = Resource<'EnvoyFilter'>;

/** The name of the filter that a patch brings or is placed by, as istioctl compares it. */
function instanceName({ patch, match }: Patch): string {
  const value = patch?.value as Record<string, unknown> | undefined;
  if (value === undefined) return '';
  if (value['name'] !== undefined) return `value ${JSON.stringify(value['name'])}`;
  return match?.listener?.filterChain?.filter?.name ?? '';
}

/** Patches up to the first that has none: istioctl looks no further. */
export function patchesOf({ spec }: EnvoyFilter): [number, Patch & { patch: EnvoyFilterPatch }][] {
  const found: [number, Patch & { patch: EnvoyFilterPatch }][] = [];
  for (const [index, entry] of (spec.configPatches ?? []).entries()) {
    if (!entry.patch) break;
    found.push([index, { ...entry, patch: entry.patch }]);
  }
  return found;
}

const versionedNames = (filter: EnvoyFilter): string[] =>
  patchesOf(filter).flatMap(([, entry]) =>
    entry.match?.proxy?.proxyVersion ? [instanceName(entry)] : [],
  );

const byVersionedName = defineIndex({
  name: 'envoy filters by versioned patch',
  kinds: ['EnvoyFilter'],
  keys: versionedNames,
});

export const routeTargets: readonly unknown[] = ['ROUTE_CONFIGURATION', 'HTTP_ROUTE'];
export const replaceable: readonly unknown[] = ['NETWORK_FILTER', 'HTTP_FILTER', 'VIRTUAL_HOST'];

/** Whether the place of the patch depends on what other filters did before it. */
function isRelative({ patch, applyTo }: Patch): boolean {
  switch (patch?.operation) {
    case 'REMOVE':
      return !routeTargets.includes(applyTo);
    case 'REPLACE':
      return replaceable.includes(applyTo);
    case 'INSERT_BEFORE':
    case 'INSERT_AFTER':
      return true;
    default:
      return false;
  }
}

type Relative = { index: number; operation: string; isVersioned: boolean; path: Path };

/** Relative patches of a filter without priority; versioned when an earlier patch of that name is for one version. */
function relativePatches(filter: EnvoyFilter, view: View): Relative[] {
  if ((filter.spec.priority ?? 0) !== 0) return [];
  const patches = patchesOf(filter);
  return patches.flatMap(([index, entry], at) => {
    if (!isRelative(entry)) return [];
    const name = instanceName(entry);
    const isVersioned =
      patches
        .slice(0, at)
        .some(
          ([, earlier]) => earlier.match?.proxy?.proxyVersion && instanceName(earlier) === name,
        ) || view.lookup(byVersionedName, name).some(({ id }) => id < filter.id);
    const path = ['spec', 'configPatches', index, 'patch'];
    return [{ index, operation: String(entry.patch.operation), isVersioned, path }];
  });
}

const one = (patches: string, more = ''): string => `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: lua, namespace: shop}
spec:
${more}  configPatches:
${patches}`;

const insert = (extra = ''): string => `  - applyTo: HTTP_FILTER
    match: {context: SIDECAR_INBOUND${extra}}
    patch: {operation: INSERT_BEFORE, value: {name: lua}}
`;

export const envoyFilterRelative = defineRule({
  id: 'IST0151/envoy-filter',
  code: 'IST0151',
  severity: 'warning',
  title: 'EnvoyFilter is placed relative to others, without priority',
  explanation:
    'A patch is placed before, after or in the place of something else, and the EnvoyFilter has no priority. EnvoyFilters of equal priority are applied in the order of their creation: after a restore or an upgrade it may be another.',
  howToFix:
    'Set `spec.priority`, or use INSERT_FIRST or ADD, which do not depend on what is there.',
  cause: 'The operation depends on other filters, and no priority says what goes first.',
  consequence: 'The patch may silently not be applied.',
  kinds: ['EnvoyFilter'],
  reads: [],
  check: (subject, view, report) => {
    for (const { index, operation, isVersioned, path } of relativePatches(subject, view)) {
      if (isVersioned) continue;
      report({
        message: `Patch ${index} (${operation}) depends on the order of EnvoyFilters, and the EnvoyFilter has no priority`,
        istioText: '',
        path,
        istioPath: [...path, 'value'],
      });
    }
  },
  examples: [
    {
      title: 'INSERT_BEFORE without priority',
      aspect: 'positive',
      yaml: one(insert()),
      expect: [{ resource: 'EnvoyFilter shop/lua', path: 'spec.configPatches[0].patch' }],
    },
    {
      title: 'with a priority',
      aspect: 'negative',
      yaml: one(insert(), '  priority: 10\n'),
      expect: [],
    },
  ],
});

export const envoyFilterRelativeVersioned = defineRule({
  id: 'IST0155/envoy-filter',
  code: 'IST0155',
  severity: 'warning',
  title: 'EnvoyFilter for one proxy version is placed relative to others',
  explanation:
    'A patch without priority is placed relative to others, and a patch of the same filter is limited to a proxy version. While proxies of two versions run, the filter is there for some of them only.',
  howToFix: 'Set `spec.priority`, or use INSERT_FIRST or ADD.',
  cause: 'The operation is relative, and the filter is limited to a proxy version elsewhere.',
  consequence: 'The patch may silently not be applied during an upgrade.',
  kinds: ['EnvoyFilter'],
  reads: [],
  check: (subject, view, report) => {
    for (const { index, operation, isVersioned, path } of relativePatches(subject, view)) {
      if (!isVersioned) continue;
      report({
        message: `Patch ${index} (${operation}) has no priority, and a patch of the same filter is for one proxy version`,
        istioText: '',
        path,
        istioPath: [...path, 'value'],
      });
    }
  },
  examples: [
    {
      title: 'one filter for a version and for all',
      aspect: 'positive',
      yaml: one(insert(', proxy: {proxyVersion: ^1\\.31.*}') + insert()),
      expect: [{ resource: 'EnvoyFilter shop/lua', path: 'spec.configPatches[1].patch' }],
    },
    {
      title: 'one patch alone',
      aspect: 'negative',
      yaml: one(insert(', proxy: {proxyVersion: ^1\\.31.*}')),
      expect: [],
    },
  ],
});
