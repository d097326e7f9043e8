import { newId } from '@ambit/contracts/ids';
import { roleSchema, type Role } from '@ambit/contracts/permissions';
import type { Platform } from '../kernel/context.ts';
import { effectsOf } from '../kernel/effects.ts';
import { AmbitError } from '../kernel/errors.ts';
import { hashSecret } from '../kernel/keys.ts';

/** How passwords are hashed is the transport's library's affair. */
export interface Passwords {
  hash(plain: string): Promise<string>;
  verify(hash: string, plain: string): Promise<boolean>;
}

export interface OpenInvitationFound {
  id: string;
  organisation: { id: string; name: string };
  email: string;
  role: Role;
  expiresAt: Date;
  /** The account that has this email already. */
  userId: string | null;
}

/**
 * The invitation that a link's secret opens.
 * @throws AmbitError not_found, also when it was used, revoked or has expired: its holder may be anybody
 */
export async function findOpenInvitation(
  { db, now }: Pick<Platform, 'db' | 'now'>,
  token: string,
): Promise<OpenInvitationFound> {
  const row = await db.system.invitation.findUnique({ where: { tokenHash: hashSecret(token) } });
  const organisation =
    row && !row.acceptedAt && !row.revokedAt && row.expiresAt > now()
      ? await db.system.organisation.findUnique({ where: { id: row.organisationId } })
      : null;
  if (!row || !organisation) {
    throw new AmbitError('not_found', 'this invitation is not open (any more)', {
      fix: 'ask for a new one: an invitation works once, for 7 days',
    });
  }
  const user = await db.system.user.findUnique({ where: { email: row.email } });
  return {
    id: row.id,
    organisation: { id: organisation.id, name: organisation.name },
    email: row.email,
    role: roleSchema.parse(row.role),
    expiresAt: row.expiresAt,
    userId: user?.id ?? null,
  };
}

/**
 * Makes the holder of an invitation a member. A new person gets an account with this password; one who has an account
 * proves it with its password.
 * @throws AmbitError not_found, unauthenticated (wrong password of an existing account)
 */
export async function acceptInvitation(
  platform: Pick<Platform, 'db' | 'now'>,
  input: { token: string; name: string; password: string; requestId: string; passwords: Passwords },
): Promise<{ organisationId: string; email: string; role: Role }> {
  const { db, now } = platform;
  const found = await findOpenInvitation(platform, input.token);
  const { email, role, organisation } = found;
  if (found.userId) await assertPassword(platform, found.userId, input);
  const hash = found.userId ? null : await input.passwords.hash(input.password);
  await db.system.$transaction(async (tx) => {
    const { count } = await tx.invitation.updateMany({
      where: { id: found.id, acceptedAt: null, revokedAt: null },
      data: { acceptedAt: now() },
    });
    if (count === 0) throw new AmbitError('not_found', 'this invitation was used a moment ago');
    const userId = found.userId ?? crypto.randomUUID();
    if (hash !== null) {
      await tx.user.create({ data: { id: userId, name: input.name, email, emailVerified: true } });
      await tx.account.create({ data: credentialAccount(userId, hash) });
    }
    const memberId = newId('member');
    await tx.member.create({
      data: { id: memberId, organisationId: organisation.id, userId, role },
    });
    await tx.auditEntry.create({
      data: {
        id: newId('audit'),
        organisationId: organisation.id,
        actorKind: 'user',
        actorId: userId,
        actorName: input.name,
        door: 'console',
        action: 'invitation.accept',
        target: found.id,
        outcome: 'done',
        detail: { email, role, memberId },
        requestId: input.requestId,
      },
    });
    const { changed } = effectsOf(tx, organisation.id);
    await changed('member', memberId, 'created');
    await changed('audit', 'invitation.accept', 'created');
  });
  return { organisationId: organisation.id, email, role };
}

/** The row in which better-auth keeps a password. */
export const credentialAccount = (userId: string, hash: string) => ({
  id: crypto.randomUUID(),
  accountId: userId,
  providerId: 'credential',
  userId,
  password: hash,
});

async function assertPassword(
  { db }: Pick<Platform, 'db'>,
  userId: string,
  { password, passwords }: { password: string; passwords: Passwords },
): Promise<void> {
  const account = await db.system.account.findFirst({
    where: { userId, providerId: 'credential' },
  });
  if (account?.password && (await passwords.verify(account.password, password))) return;
  throw new AmbitError('unauthenticated', 'this is not the password of your account', {
    fix: 'you have an account with this email already: accept with its password',
  });
}
