import type {
  auditSchema,
  invitationSchema,
  limitsSchema,
  memberSchema,
  tokenSchema,
} from '@ambit/contracts/operations/access';
import type { organisationSchema, projectSchema } from '@ambit/contracts/operations/organisation';
import { roleSchema } from '@ambit/contracts/permissions';
import type { z } from 'zod';

type Infer<T extends z.ZodType> = z.input<T>;

interface OrganisationRow {
  id: string;
  name: string;
  createdAt: Date;
}

export const toOrganisation = (row: OrganisationRow): Infer<typeof organisationSchema> => ({
  id: row.id,
  name: row.name,
  createdAt: row.createdAt.toISOString(),
});

interface ProjectRow extends OrganisationRow {
  description: string;
  _count: { meshes: number };
}

export const toProject = (row: ProjectRow): Infer<typeof projectSchema> => ({
  id: row.id,
  name: row.name,
  description: row.description,
  meshes: row._count.meshes,
  createdAt: row.createdAt.toISOString(),
});

const toLimits = (stored: unknown): Infer<typeof limitsSchema> =>
  (stored ?? null) as Infer<typeof limitsSchema>;

interface MemberRow {
  id: string;
  userId: string;
  role: string;
  limits: unknown;
  createdAt: Date;
  user: { name: string; email: string };
}

export const toMember = (row: MemberRow): Infer<typeof memberSchema> => ({
  id: row.id,
  userId: row.userId,
  name: row.user.name,
  email: row.user.email,
  role: roleSchema.parse(row.role),
  limits: toLimits(row.limits),
  createdAt: row.createdAt.toISOString(),
});

interface InvitationRow {
  id: string;
  email: string;
  role: string;
  expiresAt: Date;
  acceptedAt: Date | null;
  revokedAt: Date | null;
  createdAt: Date;
}

export const toInvitation = (row: InvitationRow, now: Date): Infer<typeof invitationSchema> => ({
  id: row.id,
  email: row.email,
  role: roleSchema.parse(row.role),
  state: invitationState(row, now),
  expiresAt: row.expiresAt.toISOString(),
  createdAt: row.createdAt.toISOString(),
});

export function invitationState(
  row: Pick<InvitationRow, 'acceptedAt' | 'revokedAt' | 'expiresAt'>,
  now: Date,
): Infer<typeof invitationSchema>['state'] {
  if (row.acceptedAt) return 'accepted';
  if (row.revokedAt) return 'revoked';
  return row.expiresAt <= now ? 'expired' : 'open';
}

interface TokenRow {
  id: string;
  name: string;
  role: string;
  limits: unknown;
  hint: string;
  createdBy: string;
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

/** @param makers names of users and tokens by id */
export const toToken = (
  row: TokenRow,
  makers: ReadonlyMap<string, string>,
): Infer<typeof tokenSchema> => ({
  id: row.id,
  name: row.name,
  role: roleSchema.parse(row.role),
  limits: toLimits(row.limits),
  hint: row.hint,
  createdBy: makers.get(row.createdBy) ?? row.createdBy,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
});

interface AuditRow {
  id: string;
  at: Date;
  actorKind: string;
  actorId: string;
  actorName: string;
  door: string;
  action: string;
  target: string;
  outcome: string;
  detail: unknown;
  requestId: string;
}

export const toAudit = (row: AuditRow): Infer<typeof auditSchema> => ({
  id: row.id,
  at: row.at.toISOString(),
  actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
  door: row.door,
  action: row.action,
  target: row.target,
  outcome: row.outcome === 'done' ? 'done' : 'refused',
  detail: row.detail as Record<string, unknown>,
  requestId: row.requestId,
});
