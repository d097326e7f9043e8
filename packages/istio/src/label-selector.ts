export type Labels = Readonly<Record<string, string>>;

export type LabelSelector = {
  matchLabels?: Labels;
  matchExpressions?: { key?: string; operator?: string; values?: string[] }[];
};

const part = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/;
const domain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function isKey(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash < 0) return part.test(key);
  return domain.test(key.slice(0, slash)) && part.test(key.slice(slash + 1));
}

const isValue = (value: string): boolean => value === '' || part.test(value);

type Requirement = { key: string; operator: string; values: readonly string[] };

function requirementsOf({ matchLabels, matchExpressions }: LabelSelector): Requirement[] {
  return [
    ...Object.entries(matchLabels ?? {}).map(([key, value]) => ({
      key,
      operator: 'In',
      values: [value],
    })),
    ...(matchExpressions ?? []).map(({ key = '', operator = '', values }) => ({
      key,
      operator,
      values: values ?? [],
    })),
  ];
}

function isValid({ key, operator, values }: Requirement): boolean {
  const isList = operator === 'In' || operator === 'NotIn';
  if (!isList && operator !== 'Exists' && operator !== 'DoesNotExist') return false;
  return isKey(key) && values.length > 0 === isList && values.every(isValue);
}

function isMet({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

/** Whether a LabelSelector takes the labels. None or an empty one takes all; a faulty one takes nothing. */
export function labelSelectorTakes(
  selector: LabelSelector | null | undefined,
  labels: Labels,
): boolean {
  if (!selector) return true;
  const requirements = requirementsOf(selector);
  return requirements.every(isValid) && requirements.every((one) => isMet(one, labels));
}
