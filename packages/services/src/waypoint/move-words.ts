import { sizeClasses, type PoolSpec } from '@ambit/contracts/agent/waypoint';
import { counted } from '@ambit/contracts/words';

interface Place {
  /** Null: Istio's own class. */
  name: string | null;
  spec: PoolSpec | null;
}

/**
 * What a move from one pool to another does to the replicas of a waypoint, a sentence each; none where it stays.
 * @param replicas of it now, over all clusters
 */
export function moveConsequences(move: { from: Place; to: Place; replicas: number }): string[] {
  const { from, to, replicas } = move;
  if (from.name === to.name) return [];
  const pods =
    replicas === 0 ? 'It has no replicas yet' : counted(replicas, 'replica rolls', 'replicas roll');
  return [
    `${pods}: a new one is ready before an old one drains.`,
    ...(isSameSize(from.spec, to.spec)
      ? []
      : [`Each is ${sizeText(to.spec)}, instead of ${sizeText(from.spec)}.`]),
    scalingText(to.spec),
    ...(to.spec && to.spec.kind !== from.spec?.kind ? [placeText(to.spec)] : []),
    ...priceText(from.spec, to.spec, replicas),
  ];
}

/** Istio's own defaults ask for as much as a small replica. */
const isSameSize = (a: PoolSpec | null, b: PoolSpec | null): boolean =>
  (a?.size ?? 'small') === (b?.size ?? 'small');

const sizeText = (spec: PoolSpec | null): string => {
  if (!spec) return 'as Istio has it (100m CPU, 128Mi)';
  const { cpu, memory } = sizeClasses[spec.size].requests;
  return `${spec.size} (${cpu} CPU, ${memory})`;
};

const scalingText = (spec: PoolSpec | null): string =>
  !spec
    ? "Nobody scales it: Istio's own class has one replica, and no PodDisruptionBudget."
    : spec.scaling.by === 'fixed'
      ? `It has ${counted(spec.minReplicas, 'replica')}, and nobody scales it.`
      : `It has ${spec.minReplicas} to ${counted(spec.maxReplicas, 'replica')} in each cluster.`;

const placeText = ({ kind, nodeSelector }: PoolSpec): string => {
  const nodes = Object.entries(nodeSelector)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
  return {
    shared: 'Its pods run where there is room.',
    dedicated: `Its pods run on nodes of their own (${nodes}); they wait where there are none.`,
    virtual: 'Its pods run on virtual nodes; they wait where there are none.',
  }[kind];
};

function priceText(from: PoolSpec | null, to: PoolSpec | null, replicas: number): string[] {
  const price = to?.pricePerHour ?? null;
  if (price === null || !to) return [];
  const after = Math.max(replicas, to.minReplicas) * price;
  const before = from?.pricePerHour ?? null;
  const was =
    from && before !== null ? `, instead of ${money(before * replicas)} ${from.currency}` : '';
  return [`About ${money(after)} ${to.currency} an hour${was}.`];
}

const money = (amount: number): string => String(Math.round(amount * 10_000) / 10_000);
