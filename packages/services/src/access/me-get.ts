import { meGet } from '@ambit/contracts/operations/organisation';
import type { limitsSchema } from '@ambit/contracts/operations/access';
import type { z } from 'zod';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { permissionsOf } from '../kernel/limits.ts';
import { toOrganisation } from './rows.ts';

type Limits = z.input<typeof limitsSchema>;

export const getMe = implement(meGet, async (context) => {
  const { actor, role, organisationId, tx } = context;
  const organisation = await tx.organisation.findUnique({ where: { id: organisationId } });
  if (!organisation) throw notFound('organisation', organisationId);
  return {
    actor: {
      kind: actor.kind === 'user' ? ('user' as const) : ('token' as const),
      id: actor.id,
      name: actor.name,
      email: actor.email,
    },
    organisation: toOrganisation(organisation),
    role,
    permissions: permissionsOf(context),
    limits: (context.limits ?? null) as Limits,
    organisations: context.organisations ?? [
      { id: organisation.id, name: organisation.name, role },
    ],
  };
});
