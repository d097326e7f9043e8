import { sizeClasses, type PoolSpec } from '@ambit/contracts/agent/waypoint';
import { counted } from '@ambit/contracts/words';

/** Fields that stand in the pods of a pool's waypoints: istiod rolls them when one changes. */
const ofPods = [
  'kind',
  'size',
  'drain',
  'zones',
  'nodeSelector',
  'tolerations',
  'podLabels',
  'podAnnotations',
] as const satisfies (keyof PoolSpec)[];

const podWords: Record<(typeof ofPods)[number], string> = {
  kind: 'kind',
  size: 'size',
  drain: 'drain times',
  zones: 'zones',
  nodeSelector: 'node selector',
  tolerations: 'tolerations',
  podLabels: 'labels',
  podAnnotations: 'annotations',
};

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * What a change of a pool does to its waypoints, a sentence each.
 * @param now names of its waypoints, empty where there are none, and their replicas over all clusters
 */
export function changeConsequences(
  before: PoolSpec,
  after: PoolSpec,
  now: { waypoints: string; replicas: number },
): string[] {
  const pods = ofPods.filter((field) => !isSame(before[field], after[field]));
  const lines = [
    ...(pods.length === 0
      ? []
      : [
          now.waypoints === ''
            ? `Waypoints that come have the new ${pods.map((field) => podWords[field]).join(', ')}; none is of the pool yet.`
            : `${counted(now.replicas, 'replica rolls', 'replicas roll')} to the new ${pods.map((field) => podWords[field]).join(', ')} (${now.waypoints}): a new one is ready before an old one drains.`,
        ]),
    ...(before.size === after.size
      ? []
      : [
          `Each replica asks for ${sizeClasses[after.size].requests.cpu} CPU and ${sizeClasses[after.size].requests.memory}.`,
        ]),
    ...numberLines(before, after),
    ...sleepLines(before, after),
    ...priceLines(before, after, now.replicas),
  ];
  if (lines.length > 0) return lines;
  return [
    isSame(before, after) ? 'Nothing changes.' : 'No pod changes: only what Ambit does about them.',
  ];
}

function numberLines(before: PoolSpec, after: PoolSpec): string[] {
  const text = ({ minReplicas, maxReplicas, scaling }: PoolSpec): string =>
    scaling.by === 'fixed'
      ? counted(minReplicas, 'replica')
      : `${minReplicas} to ${counted(maxReplicas, 'replica')}`;
  return [
    ...(text(before) === text(after)
      ? []
      : [`Each waypoint has ${text(after)} in each cluster, instead of ${text(before)}.`]),
    ...(isSame(before.scaling, after.scaling)
      ? []
      : ['Its waypoints are scaled by the new targets from the next look on.']),
  ];
}

/** What it counts by stands in the pods: they roll when sleep is switched on or off. */
function sleepLines(before: PoolSpec, after: PoolSpec): string[] {
  if (before.sleepAfterS === after.sleepAfterS) return [];
  const rolls = (before.sleepAfterS === null) !== (after.sleepAfterS === null);
  return [
    after.sleepAfterS === null
      ? 'Its waypoints do not sleep any more; those that do are woken.'
      : `A waypoint without a request for ${after.sleepAfterS} s has no replica; the next connection waits at the agent until one is ready, some seconds.`,
    ...(rolls ? ['Its replicas roll once, to count what goes through them.'] : []),
  ];
}

function priceLines(before: PoolSpec, after: PoolSpec, replicas: number): string[] {
  const isSamePrice =
    before.pricePerHour === after.pricePerHour && before.currency === after.currency;
  if (isSamePrice || after.pricePerHour === null) return [];
  const cost = Math.round(after.pricePerHour * replicas * 10_000) / 10_000;
  return [`What runs now is counted with ${cost} ${after.currency} an hour.`];
}
