import type { LabelSelector } from '../objects.ts';

type Labels = Record<string, string> | undefined;

/** A map selector: every label has this value. An empty one matches everything. */
export const matchesMap = (wanted: Record<string, string>, labels: Labels): boolean =>
  Object.entries(wanted).every(([key, value]) => labels?.[key] === value);

/** A label selector of the Kubernetes API; missing matches nothing, empty matches everything. */
export function matches(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  if (!matchesMap(selector.matchLabels ?? {}, labels)) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels?.[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}
