import type { BundleStatus } from '@ambit/contracts/agent/protocol';
import type { Draft, Handler, Outcome } from '../plan.ts';
import { bundleAt, type ClusterView } from '../view.ts';
import { awayMessage, byCluster, firstError, list, progressOf } from '../words.ts';

const renderAttempts = 4;
/** An agent that reports Failed goes on trying; only what stays failed this long is a failure. */
const failedForMs = 30_000;
export const readyTimeoutMs = 600_000;

/** Asks for the bundles of the wanted release, once; a source that cannot be reached is tried again for a while. */
export function renderStep(draft: Draft): Outcome {
  const { memory, view, mesh } = draft;
  if (view.clusters.every((cluster) => memory.rendered?.[cluster.id])) {
    const objects = Object.values(memory.rendered ?? {}).map((r) => r.objects);
    return {
      is: 'done',
      message: `Istio ${mesh.release}, ${mesh.profile}: ${list([...new Set(objects)].map(String))} objects`,
    };
  }
  const { renderError, renderAttempts: attempts = 0 } = memory;
  if (renderError && (renderError.final || attempts >= renderAttempts)) {
    return { is: 'failed', reason: 'RenderFailed', message: renderError.message };
  }
  draft.ask({ do: 'render' });
  return {
    is: 'again',
    message: renderError
      ? `${renderError.message}. Trying again (${attempts + 1} of ${renderAttempts})`
      : `Rendering Istio ${mesh.release}`,
  };
}

/** Hands the bundles over and waits until every agent works on them. */
export const deliverStep: Handler = (draft) => deliver(draft, renderedDigests(draft));

export function deliver(draft: Draft, digests: Record<string, string>): Outcome {
  const { view, memory } = draft;
  memory.delivered = true;
  for (const cluster of view.clusters) {
    const digest = digests[cluster.id];
    const now = cluster.desired.find((d) => d.name === 'control-plane');
    if (digest && (now?.digest !== digest || now.mode !== 'present')) {
      draft.ask({ do: 'setControlPlane', clusterId: cluster.id, digest });
    }
  }
  const waiting = view.clusters.filter((cluster) => !statusOf(cluster, digests));
  if (waiting.length === 0) return { is: 'done', message: 'The agents have it' };
  const paused = awayMessage(waiting, view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  return {
    is: 'waiting',
    message: `Waiting for the agent of ${list(waiting.map((c) => c.name))} to take it`,
  };
}

const renderedDigests = ({ memory }: Draft): Record<string, string> =>
  Object.fromEntries(
    Object.entries(memory.rendered ?? {}).map(([clusterId, { digest }]) => [clusterId, digest]),
  );

const statusOf = (
  cluster: ClusterView,
  digests: Record<string, string>,
): BundleStatus | undefined => bundleAt(cluster, 'control-plane', digests[cluster.id] ?? '');

const isApplied = (status: BundleStatus | undefined): boolean =>
  status !== undefined &&
  (status.state === 'Ready' ||
    (status.objects.applied >= status.objects.total &&
      (status.state === 'Waiting' || status.state === 'Degraded')));

const isReady = (status: BundleStatus | undefined): boolean => status?.state === 'Ready';

/** Waits until every object was applied everywhere. */
export const applyStep: Handler = (draft) =>
  settle(draft, renderedDigests(draft), {
    until: isApplied,
    done: 'Every object is applied',
    from: 'apply',
  });

/** Waits until every agent proves the control plane Ready; its time counts from the start of `apply`. */
export const readyStep: Handler = (draft) =>
  settle(draft, renderedDigests(draft), {
    until: isReady,
    done: 'Everything is Ready',
    from: 'apply',
  });

export interface Settle {
  until(status: BundleStatus | undefined): boolean;
  done: string;
  /** Step whose start the time is counted from. */
  from: string;
}

export const untilReady = (from: string, done: string): Settle => ({ until: isReady, done, from });

/** Waits until the bundles at these digests are there on every cluster, or failed for good, or out of time. */
export function settle(draft: Draft, digests: Record<string, string>, what: Settle): Outcome {
  const { view } = draft;
  const open = view.clusters.filter((cluster) => !what.until(statusOf(cluster, digests)));
  if (open.length === 0) return { is: 'done', message: what.done };
  const words = byCluster(open, (cluster) => progressOf(statusOf(cluster, digests)));
  const paused = awayMessage(open, view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  const failure = lastingFailure(draft, open, digests);
  if (failure) return { is: 'failed', reason: 'ApplyFailed', message: failure };
  const timeoutMs = (view.operation.input.readyTimeoutSeconds ?? 0) * 1000 || readyTimeoutMs;
  const deadline = draft.deadline(what.from, timeoutMs);
  if (view.now >= deadline) {
    return {
      is: 'failed',
      reason: 'NotReady',
      message: `Not Ready within ${timeoutMs / 1000} s. ${words}`,
    };
  }
  return {
    is: 'waiting',
    message: words,
    wakeInMs: Math.min(5_000, Math.max(200, deadline.getTime() - view.now.getTime())),
  };
}

function lastingFailure(
  draft: Draft,
  clusters: ClusterView[],
  digests: Record<string, string>,
): string | null {
  const { memory, view } = draft;
  const before = memory.failedSince ?? {};
  const since: Record<string, string> = {};
  let failure: string | null = null;
  for (const cluster of clusters) {
    const status = statusOf(cluster, digests);
    if (status?.state !== 'Failed') continue;
    const key = `${cluster.id}@${status.digest}`;
    const began = before[key] ?? view.now.toISOString();
    since[key] = began;
    if (view.now.getTime() - Date.parse(began) >= failedForMs) {
      failure ??= `${cluster.name}: ${firstError(status)}`;
    }
  }
  memory.failedSince = since;
  return failure;
}
