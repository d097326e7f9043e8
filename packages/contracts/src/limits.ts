/** What may be done to policies, in Kubernetes' words; `delete` covers deletecollection. */
export const limitVerbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] as const;
export type LimitVerb = (typeof limitVerbs)[number];

/**
 * One thing that a limited member or token may do with the policies of meshes, never more than its role may.
 * What is left out is not narrowed.
 */
export interface Limit {
  /** Only this mesh. */
  meshId?: string | undefined;
  /** Only these namespaces, and nothing that lives outside of namespaces. */
  namespaces?: readonly string[] | undefined;
  verbs?: readonly LimitVerb[] | undefined;
}

/** An act upon a policy; the namespace is empty for what lives in none and for acts over all namespaces. */
export interface LimitedAct {
  meshId: string;
  namespace: string;
  verb: string;
}

/** Roles that can be limited; the others manage the organisation itself. */
export const limitedRoles = ['operator', 'viewer'] as const;

/** True without limits, or when one of them covers the act. */
export function limitsAllow(limits: readonly Limit[] | undefined, act: LimitedAct): boolean {
  if (limits === undefined) return true;
  return limits.some(
    (limit) =>
      (limit.meshId === undefined || limit.meshId === act.meshId) &&
      (limit.namespaces === undefined || limit.namespaces.includes(act.namespace)) &&
      (limit.verbs === undefined || (limit.verbs as readonly string[]).includes(act.verb)),
  );
}

/**
 * Namespaces of a mesh in which a verb is allowed.
 * @returns undefined when it is allowed everywhere
 */
export function namespacesFor(
  limits: readonly Limit[] | undefined,
  meshId: string,
  verb: LimitVerb,
): string[] | undefined {
  if (limits === undefined) return undefined;
  const covering = limits.filter(
    (limit) =>
      (limit.meshId ?? meshId) === meshId &&
      (limit.verbs === undefined || limit.verbs.includes(verb)),
  );
  if (covering.some((limit) => limit.namespaces === undefined)) return undefined;
  return [...new Set(covering.flatMap((limit) => limit.namespaces ?? []))];
}

/** Limits in words, for refusals and pages. `nameOf` tells the name of a mesh, when it is known. */
export function describeLimits(
  limits: readonly Limit[],
  nameOf: (meshId: string) => string = (meshId) => meshId,
): string {
  return limits
    .map(({ meshId, namespaces, verbs }) => {
      const where =
        namespaces === undefined
          ? 'all namespaces'
          : `namespace${namespaces.length === 1 ? '' : 's'} ${namespaces.join(', ')}`;
      const mesh = meshId === undefined ? 'every mesh' : `mesh ${nameOf(meshId)}`;
      return `${verbs === undefined ? '' : `${verbs.join(', ')} in `}${where} of ${mesh}`;
    })
    .join('; ');
}
