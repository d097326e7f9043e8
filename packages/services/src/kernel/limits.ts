import {
  describeLimits,
  limitedRoles,
  limitsAllow,
  namespacesFor,
  type Limit,
  type LimitVerb,
} from '@ambit/contracts/limits';
import type { OperationContract } from '@ambit/contracts/operation';
import { rolePermissions, type Permission, type Role } from '@ambit/contracts/permissions';
import type { Caller, Context } from './context.ts';
import { AmbitError, notFound } from './errors.ts';

/** What is left of a role's permissions under limits: to read, and to write policies. */
export function permissionsOf({ role, limits }: Pick<Caller, 'role' | 'limits'>): Permission[] {
  const all = [...rolePermissions[role]];
  return limits === undefined ? all : all.filter(isLeft);
}

const isLeft = (permission: Permission): boolean =>
  permission.endsWith('.read') || permission === 'policy.write';

/**
 * Refuses to a limited caller what limits do not speak of: changes of other things than policies, and verbs upon
 * policies that do not look at limits themselves.
 * @throws AmbitError forbidden
 */
export function assertWithinLimits(contract: OperationContract, limits: readonly Limit[]): void {
  const { permission } = contract;
  if (permission === 'self') return;
  const isPolicies = permission.startsWith('policy.');
  if (isPolicies ? contract.limited === true : isLeft(permission)) return;
  throw refusal(limits, `${contract.id} is beyond that`);
}

/**
 * @param act `what` names the object in the refusal
 * @throws AmbitError forbidden
 */
export function assertAllowed(
  { limits }: Pick<Caller, 'limits'>,
  act: { meshId: string; namespace: string; verb: LimitVerb; what: string },
): void {
  if (limits === undefined || limitsAllow(limits, act)) return;
  const where = act.namespace === '' ? 'outside of namespaces' : `in namespace ${act.namespace}`;
  throw refusal(limits, `to ${act.verb} ${act.what} ${where} is beyond that`);
}

/**
 * Namespaces that a list may show; undefined: all.
 * @throws AmbitError forbidden when there is none, or not the one that is asked for
 */
export function listedNamespaces(
  { limits }: Pick<Caller, 'limits'>,
  meshId: string,
  asked: string | undefined,
): string[] | undefined {
  const allowed = namespacesFor(limits, meshId, 'list');
  if (limits === undefined || allowed === undefined)
    return asked === undefined ? undefined : [asked];
  const shown = asked === undefined ? allowed : allowed.filter((namespace) => namespace === asked);
  if (shown.length > 0) return shown;
  const where = asked === undefined ? 'in this mesh' : `in namespace ${asked}`;
  throw refusal(limits, `to list policies ${where} is beyond that`);
}

/**
 * Only who does not manage the organisation is limited, and only to meshes of it.
 * @throws AmbitError unprocessable, not_found
 */
export async function assertLimitable(
  { tx }: Pick<Context, 'tx'>,
  role: Role,
  limits: readonly Limit[] | null,
): Promise<void> {
  if (limits === null) return;
  if ((limitedRoles as readonly Role[]).includes(role)) {
    for (const { meshId } of limits) {
      if (meshId !== undefined && (await tx.mesh.count({ where: { id: meshId } })) === 0) {
        throw notFound('mesh', meshId);
      }
    }
    return;
  }
  throw new AmbitError(
    'unprocessable',
    `the role ${role} manages the organisation, so it has no limits`,
    {
      fix: 'limit an operator or a viewer, or send limits: null',
    },
  );
}

const refusal = (limits: readonly Limit[], what: string): AmbitError =>
  new AmbitError('forbidden', `you are limited to ${describeLimits(limits)}; ${what}`, {
    fix: 'ask an admin or owner for wider limits',
  });

/** Limits as they are stored; null: none. What cannot be read allows nothing. */
export const limitsOf = (stored: unknown): { limits?: readonly Limit[] } =>
  stored === null || stored === undefined
    ? {}
    : { limits: Array.isArray(stored) ? (stored as Limit[]) : [] };
