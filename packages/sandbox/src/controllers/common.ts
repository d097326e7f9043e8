import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '@ambit/contracts/canonical';
import type { Action } from '../client/actions.ts';
import { refOf } from '../client/actions.ts';
import { infoOfObject, type KindId } from '../kinds.ts';
import type { Condition, Node, Obj, Owner, Pod } from '../objects.ts';

export const manager = 'kube-controller-manager';

/** RFC 3339 to the second, as Kubernetes writes times. */
export const timestamp = (now: Date): string => `${now.toISOString().slice(0, 19)}Z`;

export const isTrue = (conditions: Condition[] | undefined, type: string): boolean =>
  conditions?.some((one) => one.type === type && one.status === 'True') ?? false;

export const isReady = (pod: Pod): boolean => isTrue(pod.status?.conditions, 'Ready');

export const isActive = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined &&
  status?.phase !== 'Succeeded' &&
  status?.phase !== 'Failed';

/** Ready for at least so many seconds; else how many milliseconds are still missing. */
export function availableIn(pod: Pod, minReadySeconds: number, now: Date): number | null {
  if (!isReady(pod)) return null;
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  const since = Date.parse(ready?.lastTransitionTime ?? '') || 0;
  return Math.max(0, since + minReadySeconds * 1000 - now.getTime());
}

export const isAvailable = (pod: Pod, minReadySeconds: number, now: Date): boolean =>
  availableIn(pod, minReadySeconds, now) === 0;

/** The shortest wait until one of the pods becomes available; undefined when none is on its way. */
export function nextAvailability(
  pods: Pod[],
  minReadySeconds: number,
  now: Date,
): number | undefined {
  const waits = pods
    .map((pod) => availableIn(pod, minReadySeconds, now))
    .filter((ms) => ms !== null && ms > 0);
  return waits.length === 0 ? undefined : Math.min(...(waits as number[]));
}

export const isNodeReady = (node: Node): boolean => isTrue(node.status?.conditions, 'Ready');

/** Ten characters that name a pod template. */
export function templateHash(template: unknown): string {
  return createHash('sha256').update(canonicalJson(template)).digest('hex').slice(0, 10);
}

export const ownedBy = (object: Obj, owner: Obj): boolean =>
  object.metadata.ownerReferences?.some(
    ({ controller, uid }) => controller === true && uid === owner.metadata.uid,
  ) ?? false;

export const controllerRef = ({ apiVersion, kind, metadata: { name, uid } }: Obj): Owner => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});

/** A number of pods, or a percentage of them. */
export function share(
  value: number | string | undefined,
  of: number,
  round: 'up' | 'down',
  otherwise: number | string,
): number {
  const given = value ?? otherwise;
  if (typeof given === 'number') return given;
  const part = (Number.parseFloat(given) / 100) * of;
  return round === 'up' ? Math.ceil(part) : Math.floor(part);
}

/** The condition as it is to be: its time stays unless its status changes. */
export function condition(before: Condition[] | undefined, next: Condition, now: Date): Condition {
  const same = before?.find(({ type }) => type === next.type);
  const kept = same?.status === next.status ? same.lastTransitionTime : undefined;
  return { ...next, lastTransitionTime: kept ?? timestamp(now) };
}

/** Conditions with some set and the others as they are. */
export function withConditions(
  before: Condition[] | undefined,
  next: Condition[],
  now: Date,
): Condition[] {
  const types = new Set(next.map(({ type }) => type));
  return [
    ...(before ?? []).filter(({ type }) => !types.has(type)),
    ...next.map((one) => condition(before, one, now)),
  ];
}

/** The write that makes the status so, or none when it is so. */
export function setStatus(object: Obj & { status?: object }, status: object): Action[] {
  const before = (object.status ?? {}) as Record<string, unknown>;
  const changed = Object.entries(status).some(
    ([field, value]) => !isDeepStrictEqual(before[field] ?? null, value ?? null),
  );
  if (!changed) return [];
  return [{ do: 'status', kind: kindOf(object), ref: refOf(object), status }];
}

export const patch = (object: Obj, change: object): Action => ({
  do: 'patch',
  kind: kindOf(object),
  ref: refOf(object),
  patch: change,
});

export const remove = (object: Obj, graceSeconds?: number): Action => ({
  do: 'delete',
  kind: kindOf(object),
  ref: refOf(object),
  uid: object.metadata.uid,
  ...(graceSeconds === undefined ? {} : { graceSeconds }),
});

export const kindOf = (object: Obj): KindId => infoOfObject(object).id;

/** Pods in the order they are given up: what serves least, and the youngest, first. */
export function leastUseful(a: Pod, b: Pod): number {
  const rank = (pod: Pod): number =>
    pod.spec.nodeName === undefined
      ? 0
      : pod.status?.phase !== 'Running'
        ? 1
        : isReady(pod)
          ? 3
          : 2;
  return (
    rank(a) - rank(b) ||
    b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp) ||
    b.metadata.name.localeCompare(a.metadata.name)
  );
}
