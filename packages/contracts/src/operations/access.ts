import { z } from 'zod';
import { pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { limitVerbs } from '../limits.ts';
import { defineOperation } from '../operation.ts';
import { roleSchema } from '../permissions.ts';

const limitSchema = z
  .object({
    meshId: idOf('mesh').optional().describe('only this mesh; left out: every mesh'),
    namespaces: z
      .array(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'not a name of a namespace'))
      .min(1)
      .max(50)
      .optional()
      .describe('only these; left out: all, and what lives in none'),
    verbs: z.array(z.enum(limitVerbs)).min(1).optional().describe('left out: all'),
  })
  .meta({ id: 'Limit' });

/** What is allowed of a role's rights, over policies alone; null: all of the role. */
export const limitsSchema = z
  .array(limitSchema)
  .min(1)
  .max(20)
  .nullable()
  .describe(
    'namespaces and verbs of meshes that an operator or viewer is limited to: other changes than to policies are refused then; null: no limits',
  );

export const memberSchema = z
  .object({
    id: idOf('member'),
    userId: z.string(),
    name: z.string(),
    email: z.email(),
    role: roleSchema,
    limits: limitsSchema,
    createdAt: timeSchema,
  })
  .meta({ id: 'Member' });

export const invitationSchema = z
  .object({
    id: idOf('invitation'),
    email: z.email(),
    role: roleSchema,
    state: z.enum(['open', 'accepted', 'revoked', 'expired']),
    expiresAt: timeSchema,
    createdAt: timeSchema,
  })
  .meta({ id: 'Invitation' });

export const memberList = defineOperation({
  id: 'member.list',
  kind: 'query',
  permission: 'member.read',
  rest: { method: 'GET', path: '/v1/members' },
  summary: 'List members',
  input: z.object({ ...pageInput }),
  output: pageOf(memberSchema),
});

export const memberUpdate = defineOperation({
  id: 'member.update',
  kind: 'command',
  permission: 'member.write',
  rest: { method: 'PATCH', path: '/v1/members/{memberId}' },
  summary: "Change a member's role and limits",
  description:
    'Nobody can give more than their own role, and the last owner stays owner. Limits that are left out stay as they are.',
  input: z.object({
    memberId: idOf('member'),
    role: roleSchema,
    limits: limitsSchema.optional(),
  }),
  output: memberSchema,
});

export const memberRemove = defineOperation({
  id: 'member.remove',
  kind: 'command',
  permission: 'member.write',
  rest: { method: 'DELETE', path: '/v1/members/{memberId}' },
  summary: 'Remove a member',
  input: z.object({ memberId: idOf('member') }),
  output: memberSchema,
});

export const invitationList = defineOperation({
  id: 'invitation.list',
  kind: 'query',
  permission: 'member.read',
  rest: { method: 'GET', path: '/v1/invitations' },
  summary: 'List invitations',
  input: z.object({ ...pageInput }),
  output: pageOf(invitationSchema),
});

export const invitationCreate = defineOperation({
  id: 'invitation.create',
  kind: 'command',
  permission: 'member.write',
  rest: { method: 'POST', path: '/v1/invitations', status: 201 },
  summary: 'Invite a person by email',
  description:
    'Answers a link that is shown once; whoever opens it with that email joins. Valid for 7 days.',
  input: z.object({ email: z.email(), role: roleSchema.default('viewer') }),
  output: invitationSchema.extend({ link: z.string() }),
});

export const invitationRevoke = defineOperation({
  id: 'invitation.revoke',
  kind: 'command',
  permission: 'member.write',
  rest: { method: 'DELETE', path: '/v1/invitations/{invitationId}' },
  summary: 'Revoke an open invitation',
  input: z.object({ invitationId: idOf('invitation') }),
  output: invitationSchema,
});

export const tokenSchema = z
  .object({
    id: idOf('token'),
    name: z.string(),
    role: roleSchema,
    limits: limitsSchema,
    /** First characters of the secret, to recognise it by. */
    hint: z.string(),
    createdBy: z.string(),
    createdAt: timeSchema,
    expiresAt: timeSchema,
    lastUsedAt: timeSchema.nullable(),
    revokedAt: timeSchema.nullable(),
  })
  .meta({ id: 'Token' });

export const tokenList = defineOperation({
  id: 'token.list',
  kind: 'query',
  permission: 'token.read',
  rest: { method: 'GET', path: '/v1/tokens' },
  summary: 'List API tokens',
  input: z.object({ ...pageInput }),
  output: pageOf(tokenSchema),
});

export const tokenCreate = defineOperation({
  id: 'token.create',
  kind: 'command',
  permission: 'token.write',
  rest: { method: 'POST', path: '/v1/tokens', status: 201 },
  summary: 'Create an API token',
  description:
    "The secret is answered once and stored hashed. A token never holds more than its maker's role.",
  input: z.object({
    name: z.string().trim().min(1).max(80),
    role: roleSchema.default('viewer'),
    limits: limitsSchema.optional(),
    expiresInDays: z.number().int().min(1).max(365).default(90),
  }),
  output: tokenSchema.extend({ secret: z.string() }),
  examples: [
    { name: 'A token for CI', input: { name: 'ci', role: 'operator', expiresInDays: 30 } },
    {
      name: 'A token for a team that owns one namespace',
      input: { name: 'shop-gitops', role: 'operator', limits: [{ namespaces: ['shop'] }] },
    },
  ],
});

export const tokenRevoke = defineOperation({
  id: 'token.revoke',
  kind: 'command',
  permission: 'token.write',
  rest: { method: 'DELETE', path: '/v1/tokens/{tokenId}' },
  summary: 'Revoke an API token at once',
  input: z.object({ tokenId: idOf('token') }),
  output: tokenSchema,
});

export const auditSchema = z
  .object({
    id: idOf('audit'),
    at: timeSchema,
    actor: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
    /** console, rest, cli, kubectl, worker, agent: where it came in. */
    door: z.string(),
    action: z.string(),
    target: z.string(),
    outcome: z.enum(['done', 'refused']),
    /** Input without secrets. */
    detail: z.record(z.string(), z.unknown()),
    requestId: z.string(),
  })
  .meta({ id: 'AuditEntry' });

export const auditList = defineOperation({
  id: 'audit.list',
  kind: 'query',
  permission: 'audit.read',
  rest: { method: 'GET', path: '/v1/audit' },
  summary: 'Who did what, newest first',
  input: z.object({
    ...pageInput,
    action: z.string().optional(),
    target: z.string().optional(),
    actor: z.string().optional(),
  }),
  output: pageOf(auditSchema),
});
