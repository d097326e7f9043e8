import type { PoolSpec } from '@ambit/contracts/agent/waypoint';

/** What one waypoint did, over all replicas that told; null: not known. */
export interface Load {
  requestsPerSecond: number | null;
  activeRequests: number | null;
  /** Replicas that told, of those that are ready. */
  told: number;
}

/** What was concluded at a moment: the number of replicas that the load asked for. */
export interface Advice {
  at: number;
  /** When the load was measured: of one measurement there is one advice, however often it is looked at. */
  measuredAt: number | null;
  replicas: number;
  /** What it was concluded from, for the line through the last minutes. */
  load: number;
}

export interface ScaleInput {
  spec: PoolSpec;
  current: number;
  ready: number;
  load: Load;
  /** When the load was measured; null: not known. */
  measuredAt: number | null;
  /** Advices of before, oldest first. */
  history: readonly Advice[];
  /** Milliseconds since 1970. */
  now: number;
}

export interface ScaleDecision {
  replicas: number;
  why: string;
  history: Advice[];
}

/** Within this share of the target nothing is changed (kubernetes.io, "Horizontal Pod Autoscaling", tolerance). */
const tolerance = 0.1;
const longestMs = 3_600_000;
const mostAdvices = 500;
/** The line goes through this long, and this far ahead: about what a replica takes to be ready. */
const trendMs = 600_000;
const aheadMs = 60_000;

/**
 * How many replicas a waypoint is to have, by Kubernetes' own rule: replicas times load over target, the largest over
 * the targets; up only when all advices of the window said so, down likewise. What is not known changes nothing. Pure.
 */
export function decideReplicas(input: ScaleInput): ScaleDecision {
  const { spec, current, measuredAt, now } = input;
  const bounded = (replicas: number): number =>
    Math.min(spec.maxReplicas, Math.max(spec.minReplicas, replicas));
  const kept = input.history.filter(
    (one) =>
      one.at > now - longestMs &&
      one.at <= now &&
      (measuredAt === null || one.measuredAt !== measuredAt),
  );
  const inBounds = bounded(current);
  if (inBounds !== current) {
    return {
      replicas: inBounds,
      why: `the pool has ${spec.minReplicas} to ${spec.maxReplicas} replicas`,
      history: kept,
    };
  }
  const advised = adviceOf(input, kept);
  if (advised === null) {
    return { replicas: current, why: 'its load is not known: nothing is changed', history: kept };
  }
  const { what, share, load } = advised;
  const asked = bounded(advised.replicas);
  const history = [...kept, { at: now, measuredAt, replicas: asked, load }].slice(-mostAdvices);
  const within = (seconds: number): number[] =>
    history.filter(({ at }) => at >= now - seconds * 1000).map(({ replicas }) => replicas);
  const up = Math.min(...within(spec.scaling.upStabilisationS));
  const down = Math.max(...within(spec.scaling.downStabilisationS));
  const replicas = up > current ? up : down < current ? down : current;
  const percent = `${what} at ${Math.round(share * 100)} % of the target`;
  if (replicas !== current) return { replicas, why: percent, history };
  const waits = asked !== current ? `; ${asked} replicas are asked for, and the window waits` : '';
  return { replicas, why: `${percent}${waits}`, history };
}

interface Advised {
  replicas: number;
  what: string;
  share: number;
  load: number;
}

function adviceOf(
  { spec, current, ready, load, now }: ScaleInput,
  history: Advice[],
): Advised | null {
  const { scaling } = spec;
  // Replicas that did not tell are taken to do as much as the others.
  const whole = load.told > 0 ? Math.max(1, ready / load.told) : 1;
  const targets = [
    {
      what: 'requests per second',
      value: load.requestsPerSecond,
      target: scaling.requestsPerSecond,
    },
    { what: 'active requests', value: load.activeRequests, target: scaling.activeRequests },
  ].flatMap(({ what, value, target }) =>
    target === null || value === null || load.told === 0
      ? []
      : [{ what, total: value * whole, target }],
  );
  const advices = targets.map(({ what, total, target }): Advised => {
    const expected = scaling.predict
      ? Math.max(total, trend(history, total / target, now) * target)
      : total;
    const share = expected / target / Math.max(1, current);
    const replicas =
      Math.abs(share - 1) <= tolerance ? current : Math.max(1, Math.ceil(expected / target - 1e-9));
    return { replicas, what, share, load: total / target };
  });
  return advices.reduce<Advised | null>(
    (most, one) => (most === null || one.replicas > most.replicas ? one : most),
    null,
  );
}

/** Where the load will be a minute from now, by least squares through the last ten minutes. */
function trend(history: readonly Advice[], latest: number, now: number): number {
  const points = [...history.filter(({ at }) => at > now - trendMs), { at: now, load: latest }];
  if (points.length < 4) return latest;
  const meanX = points.reduce((sum, { at }) => sum + (at - now), 0) / points.length;
  const meanY = points.reduce((sum, { load }) => sum + load, 0) / points.length;
  const over = points.reduce((sum, { at, load }) => sum + (at - now - meanX) * (load - meanY), 0);
  const under = points.reduce((sum, { at }) => sum + (at - now - meanX) ** 2, 0);
  const slope = under === 0 ? 0 : over / under;
  return slope <= 0 ? latest : meanY + slope * (aheadMs - meanX);
}
