import { meGet } from '@ambit/contracts/operations/organisation';
import { rolePermissions, roleSchema } from '@ambit/contracts/permissions';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toOrganisation } from './rows.ts';

export const getMe = implement(meGet, async ({ actor, role, organisationId, tx, platform }) => {
  const organisation = await tx.organisation.findUnique({ where: { id: organisationId } });
  if (!organisation) throw notFound('organisation', organisationId);
  // The one list that crosses organisations: a person's own memberships.
  const memberships =
    actor.kind === 'user'
      ? await platform.db.system.member.findMany({
          where: { userId: actor.id },
          include: { organisation: true },
          orderBy: { id: 'asc' },
        })
      : [{ organisation, role }];
  return {
    actor: {
      kind: actor.kind === 'user' ? ('user' as const) : ('token' as const),
      id: actor.id,
      name: actor.name,
      email: actor.email,
    },
    organisation: toOrganisation(organisation),
    role,
    permissions: [...rolePermissions[role]],
    organisations: memberships.map((membership) => ({
      id: membership.organisation.id,
      name: membership.organisation.name,
      role: roleSchema.parse(membership.role),
    })),
  };
});
