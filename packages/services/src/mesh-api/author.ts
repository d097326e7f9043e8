import { newId } from '@ambit/contracts/ids';
import type { Limit } from '@ambit/contracts/limits';
import type { Write } from '@ambit/kube-api/store/store';
import type { UserInfo } from '@ambit/kube-api/types';
import type { Caller } from '../kernel/context.ts';

const kindKey = 'ambit.dev/actor';
const roleKey = 'ambit.dev/role';
const nameKey = 'ambit.dev/name';
const requestKey = 'ambit.dev/request';
const limitsKey = 'ambit.dev/limits';

/** A caller as Kubernetes speaks of users; `kubectl auth whoami` shows it. */
export const toUser = ({ actor, role, limits, organisationId, requestId }: Caller): UserInfo => ({
  username: actor.email ?? actor.name,
  uid: actor.id,
  groups: ['system:authenticated', `ambit:${role}`],
  extra: {
    [kindKey]: [actor.kind],
    [nameKey]: [actor.name],
    [roleKey]: [role],
    'ambit.dev/organisation': [organisationId],
    [requestKey]: [requestId],
    ...(limits ? { [limitsKey]: limits.map((limit) => JSON.stringify(limit)) } : {}),
  },
});

export const roleOf = (user: UserInfo): string | undefined => user.extra?.[roleKey]?.[0];

/** undefined: no limits */
export const limitsIn = (user: UserInfo): Limit[] | undefined =>
  user.extra?.[limitsKey]?.map((text) => JSON.parse(text) as Limit);

export const authorOf = ({ context: { user } }: Write): string => user.username;

/** What the engine does by itself (garbage collection, namespaces) is the platform's own doing. */
export const doorOf = ({ context: { user } }: Write): 'kubectl' | 'worker' =>
  user.extra?.[kindKey] === undefined ? 'worker' : 'kubectl';

/** The audit row of one write, but for its target; it never holds the object, which the history has. */
export function auditOf(
  meshId: string,
  revision: number,
  type: 'create' | 'update' | 'delete',
  write: Write,
) {
  const { key, context } = write;
  const { user, verb, fieldManager } = context;
  return {
    id: newId('audit'),
    revision,
    actorKind: user.extra?.[kindKey]?.[0] ?? 'system',
    actorId: user.uid ?? user.username,
    actorName: user.extra?.[nameKey]?.[0] ?? user.username,
    door: doorOf(write),
    action: `kube.${type}`,
    outcome: 'done',
    detail: { meshId, ...key, verb, fieldManager },
    requestId: user.extra?.[requestKey]?.[0] ?? newId('request'),
  };
}
