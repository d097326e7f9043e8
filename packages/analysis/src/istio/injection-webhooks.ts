import type { Labels, WebhookConfiguration } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import { defineDerivation } from '../view.ts';
import type { View } from '../view.ts';
import { labelSelectorTakes } from '@ambit/istio/label-selector';

const revisionKey = 'istio.io/rev';

type Configuration = Resource<'MutatingWebhookConfiguration'>;
type Webhook = NonNullable<WebhookConfiguration['webhooks']>[number];

/** Revisions that a configuration is for: by its own label, or by its selectors. */
function revisionsOf({ labels, spec }: Configuration): string[] {
  const found = labels[revisionKey] === undefined ? [] : [labels[revisionKey]];
  for (const { namespaceSelector, objectSelector } of spec.webhooks ?? []) {
    for (const selector of [namespaceSelector, objectSelector]) {
      const revision = selector?.matchLabels?.[revisionKey];
      if (revision !== undefined) found.push(revision);
      for (const { key, values } of selector?.matchExpressions ?? []) {
        if (key === revisionKey) found.push(...(values ?? []));
      }
    }
  }
  return found;
}

/** Whether a configuration injects Istio's sidecars. */
export function isInjection(configuration: Configuration): boolean {
  const { webhooks = [] } = configuration.spec;
  return (
    webhooks.some(({ name }) => name?.endsWith('istio.io')) || revisionsOf(configuration).length > 0
  );
}

/** `configuration/webhook`. */
export const hookName = (configuration: Configuration, webhook: Webhook): string =>
  `${configuration.name}/${webhook.name ?? ''}`;

function permutations(key: string, values: readonly string[], revisions: Set<string>): Labels[] {
  const plain: Labels[] = [{}, ...values.map((value) => ({ [key]: value }))];
  const revised = [...revisions].flatMap((revision) =>
    plain.map((labels) => ({ ...labels, [revisionKey]: revision })),
  );
  return [...plain, ...revised];
}

function overlaps(view: View): ReadonlyMap<string, readonly string[]> {
  const configurations = view.list('MutatingWebhookConfiguration').filter(isInjection);
  const revisions = new Set(configurations.flatMap(revisionsOf));
  const namespaces = permutations('istio-injection', ['enabled', 'disabled'], revisions);
  const objects = permutations('sidecar.istio.io/inject', ['true', 'false'], revisions);
  const hooks = configurations.flatMap((configuration) =>
    (configuration.spec.webhooks ?? []).map((webhook) => ({
      name: hookName(configuration, webhook),
      namespaces: namespaces.map((set) => labelSelectorTakes(webhook.namespaceSelector, set)),
      objects: objects.map((set) => labelSelectorTakes(webhook.objectSelector, set)),
    })),
  );
  const rivals = new Map<string, Set<string>>();
  for (const [at] of namespaces.entries()) {
    const here = hooks.filter((hook) => hook.namespaces[at]);
    if (here.length < 2) continue;
    for (const [index] of objects.entries()) {
      const names = [
        ...new Set(here.filter((hook) => hook.objects[index]).map(({ name }) => name)),
      ].sort();
      if (names.length < 2) continue;
      for (const name of names) {
        const others = names.filter((other) => other !== name).join(', ');
        const known = rivals.get(name);
        if (known) known.add(others);
        else rivals.set(name, new Set([others]));
      }
    }
  }
  return new Map([...rivals].map(([name, sets]) => [name, [...sets].sort()]));
}

/**
 * For each injection webhook (`configuration/webhook`) the sets of others that take the same pods, over all
 * combinations of labels that matter: injection of the namespace, of the pod, and revisions.
 */
export const webhookOverlaps = defineDerivation({
  name: 'injection webhooks that overlap',
  compute: (view) => overlaps(view),
});
