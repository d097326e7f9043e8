import type { PoolSpec } from '@ambit/contracts/agent/waypoint';

/** What the fields of a pool hold while they are typed in: numbers and lists as text. */
export type PoolDraft = Record<(typeof texts)[number], string> & {
  kind: PoolSpec['kind'];
  size: PoolSpec['size'];
  by: PoolSpec['scaling']['by'];
  predict: boolean;
  zones: PoolSpec['zones'];
  prePull: boolean;
  reclaim: PoolSpec['reclaim'];
  /** What these fields do not know stays as it is. */
  rest: PoolSpec;
};

const texts = [
  'minReplicas',
  'maxReplicas',
  'cpuPercent',
  'requestsPerSecond',
  'activeRequests',
  'upStabilisationS',
  'downStabilisationS',
  'maxUnavailable',
  'drainS',
  'terminationS',
  'graceS',
  'nodeSelector',
  'tolerations',
  'podLabels',
  'podAnnotations',
  'pricePerHour',
  'currency',
  'sleepAfterS',
] as const;

const textOf = (value: number | null): string => (value === null ? '' : String(value));
const numberOf = (text: string): number =>
  text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.'));
const maybeNumber = (text: string): number | null => (text.trim() === '' ? null : numberOf(text));

/** `key=value` in lines. */
const pairsText = (pairs: Record<string, string>): string =>
  Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

const pairsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    lines(text).map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );

type Toleration = PoolSpec['tolerations'][number];

/** As taints are written for kubectl: `key=value:effect`, `key:effect`, `key`; `*` stands for every key. */
export const tolerationText = ({ key, operator, value, effect }: Toleration): string =>
  `${key ?? '*'}${operator === 'Exists' || value === undefined ? '' : `=${value}`}${effect ? `:${effect}` : ''}`;

export function tolerationOf(line: string): Toleration {
  const [head = '', effect] = split(line, ':');
  const [key = '', value] = split(head, '=');
  return {
    ...(key === '*' ? {} : { key }),
    operator: value === undefined ? 'Exists' : 'Equal',
    ...(value === undefined ? {} : { value }),
    ...(effect === undefined ? {} : { effect: effect as NonNullable<Toleration['effect']> }),
  };
}

function split(text: string, by: string): [string, string?] {
  const at = text.lastIndexOf(by);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

export const draftOf = (spec: PoolSpec): PoolDraft => ({
  kind: spec.kind,
  size: spec.size,
  minReplicas: String(spec.minReplicas),
  maxReplicas: String(spec.maxReplicas),
  by: spec.scaling.by,
  cpuPercent: textOf(spec.scaling.cpuPercent),
  requestsPerSecond: textOf(spec.scaling.requestsPerSecond),
  activeRequests: textOf(spec.scaling.activeRequests),
  upStabilisationS: String(spec.scaling.upStabilisationS),
  downStabilisationS: String(spec.scaling.downStabilisationS),
  predict: spec.scaling.predict,
  zones: spec.zones,
  maxUnavailable: textOf(spec.maxUnavailable),
  drainS: String(spec.drain.drainS),
  terminationS: String(spec.drain.terminationS),
  graceS: String(spec.drain.graceS),
  nodeSelector: pairsText(spec.nodeSelector),
  tolerations: spec.tolerations.map(tolerationText).join('\n'),
  podLabels: pairsText(spec.podLabels),
  podAnnotations: pairsText(spec.podAnnotations),
  prePull: spec.prePull,
  pricePerHour: textOf(spec.pricePerHour),
  currency: spec.currency,
  sleepAfterS: textOf(spec.sleepAfterS),
  reclaim: spec.reclaim,
  rest: spec,
});

/** The spec that a draft stands for; what is no number is NaN, which the schema refuses at its field. */
export const specOf = (draft: PoolDraft): PoolSpec => ({
  ...draft.rest,
  kind: draft.kind,
  size: draft.size,
  minReplicas: numberOf(draft.minReplicas),
  maxReplicas: numberOf(draft.maxReplicas),
  scaling: {
    ...draft.rest.scaling,
    by: draft.by,
    cpuPercent: maybeNumber(draft.cpuPercent),
    requestsPerSecond: maybeNumber(draft.requestsPerSecond),
    activeRequests: maybeNumber(draft.activeRequests),
    upStabilisationS: numberOf(draft.upStabilisationS),
    downStabilisationS: numberOf(draft.downStabilisationS),
    predict: draft.predict,
  },
  zones: draft.zones,
  maxUnavailable: maybeNumber(draft.maxUnavailable),
  drain: {
    drainS: numberOf(draft.drainS),
    terminationS: numberOf(draft.terminationS),
    graceS: numberOf(draft.graceS),
  },
  nodeSelector: pairsOf(draft.nodeSelector),
  tolerations: lines(draft.tolerations).map(tolerationOf),
  podLabels: pairsOf(draft.podLabels),
  podAnnotations: pairsOf(draft.podAnnotations),
  prePull: draft.prePull,
  pricePerHour: maybeNumber(draft.pricePerHour),
  currency: draft.currency.trim().toUpperCase(),
  sleepAfterS: maybeNumber(draft.sleepAfterS),
  reclaim: draft.reclaim,
});
