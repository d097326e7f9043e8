import type { Labels } from './kubernetes.ts';
import type { Selector } from './view.ts';

/** The pairs of a selector, ordered by key. */
export function selectorPairs(selector: Selector): [string, string][] {
  if (selector === undefined) return [];
  const pairs = selector instanceof Map ? [...selector] : Object.entries(selector as Labels);
  return (pairs as [string, string][]).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `a=b,c=d`, ordered by key, as Kubernetes writes a selector; empty when it matches everything. */
export function selectorText(selector: Selector): string {
  return selectorPairs(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
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
