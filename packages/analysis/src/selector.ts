import type { Labels } from './kubernetes.ts';
import type { Selector } from './view.ts';

/** The pairs of a selector, ordered by key. */
export function selectorPairs(selector: Selector): [string, string][] {
  if (selector === undefined) return [];
  const pairs = (selector instanceof Map ? [...selector] : Object.entries(selector as Labels)) as [
    string,
    string,
  ][];
  return pairs.length < 2 ? pairs : pairs.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `a=b,c=d`, ordered by key, as Kubernetes writes a selector; empty when it matches everything. */
export function selectorText(selector: Selector): string {
  return selectorPairs(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

const between = '\0';

/** A namespace (undefined for all) and a selector as the key of a derivation; `ofSelectionKey` reads it. */
export function selectionKey(namespace: string | undefined, selector: Selector): string {
  let text = namespace === undefined ? '' : `=${namespace}`;
  for (const [key, value] of selectorPairs(selector)) text += `${between}${key}${between}${value}`;
  return text;
}

export function ofSelectionKey(text: string): {
  namespace: string | undefined;
  selector: Map<string, string>;
} {
  const [scope = '', ...words] = text.split(between);
  const selector = new Map<string, string>();
  for (let at = 0; at + 1 < words.length; at += 2) {
    selector.set(words[at] as string, words[at + 1] as string);
  }
  return { namespace: scope === '' ? undefined : scope.slice(1), selector };
}

/** Whether the labels have all that the selector names; an empty one matches everything. */
export function selects(selector: Selector, labels: Labels): boolean {
  if (selector instanceof Map) {
    for (const [key, value] of selector) if (labels[key] !== value) return false;
    return true;
  }
  const pairs = (selector ?? {}) as Labels;
  for (const key in pairs) if (labels[key] !== pairs[key]) return false;
  return true;
}

export function isEmptySelector(selector: Selector): boolean {
  if (selector instanceof Map) return selector.size === 0;
  for (const _ in selector) return false;
  return true;
}
