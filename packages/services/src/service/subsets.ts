export interface DestinationRule {
  spec?: { host?: string; subsets?: Subset[] };
}

export interface Subset {
  name: string;
  labels?: Record<string, string>;
}

const versionLabels = [
  'service.istio.io/canonical-revision',
  'app.kubernetes.io/version',
  'version',
];

/** Subsets that DestinationRules define for a service; short hosts are of the rule's own namespace. */
export function subsetsOf(
  rules: readonly { namespace: string; object: DestinationRule }[],
  service: { namespace: string; name: string },
): Subset[] {
  return rules
    .filter(({ namespace, object }) => {
      const [name, of = namespace, svc] = (object.spec?.host ?? '').split('.');
      return name === service.name && of === service.namespace && (svc ?? 'svc') === 'svc';
    })
    .flatMap(({ object }) => object.spec?.subsets ?? []);
}

/** The version that a subset selects, by the one label that says it; null for those that select by something else. */
export function versionOfSubset({ labels = {} }: Subset): string | null {
  const [label, ...more] = Object.keys(labels);
  return label !== undefined && more.length === 0 && versionLabels.includes(label)
    ? labels[label]!
    : null;
}
