import type { Span } from '@ambit/contracts/operations/trace';

/** A service as the mesh knows it. */
interface Known {
  namespace: string;
  name: string;
  workloads: string[];
}

/**
 * What traces call a service of the mesh: Istio's proxies say `name.namespace` (istio.io, "tracing service name"), programs that
 * trace themselves often only the name.
 * @param known names that servers of traces know; the first form when they know none of them
 */
export function traceNameOf(known: readonly string[], namespace: string, name: string): string {
  const forms = [`${name}.${namespace}`, `${name}.${namespace}.svc.cluster.local`, name];
  return forms.find((form) => known.includes(form)) ?? forms[0]!;
}

/** The service of the mesh that a span is of, by what Istio tags it with, else by its name; null when it is not known. */
export function serviceOfSpan<T extends Known>(span: Span, services: readonly T[]): T | null {
  const tagged = span.tags['istio.canonical_service'];
  const inNamespace = span.tags['istio.namespace'];
  const [name = '', namespace] = span.service.split('.');
  const find = (n: string, ns: string | undefined): T | null => {
    const found = services.filter((each) => each.name === n && (!ns || each.namespace === ns));
    // A name alone is of one service only when there is but one.
    return found.length === 1 || (ns && found[0]) ? found[0]! : null;
  };
  return (tagged ? find(tagged, inNamespace) : null) ?? find(name, namespace);
}

/** The workload whose pod a span came from, by Envoy's node id (`sidecar~ip~pod.namespace~domain`); null when it says none. */
export function workloadOfSpan(
  span: Span,
  services: readonly Known[],
): { namespace: string; name: string } | null {
  const place = (span.tags['node_id'] ?? '').split('~')[2] ?? '';
  const dot = place.lastIndexOf('.');
  const [pod, namespace] =
    dot > 0
      ? [place.slice(0, dot), place.slice(dot + 1)]
      : [span.tags['k8s.pod.name'] ?? '', span.tags['k8s.namespace.name'] ?? ''];
  if (pod === '') return null;
  const names = services
    .filter((each) => each.namespace === namespace)
    .flatMap(({ workloads }) => workloads)
    .filter((workload) => pod === workload || pod.startsWith(`${workload}-`))
    .toSorted((a, b) => b.length - a.length);
  return names[0] === undefined ? null : { namespace, name: names[0] };
}

/** Whether it may be followed: an address of the web, and nothing that a page could run. */
export const isWebLink = (link: string): boolean => /^https?:\/\//.test(link);
