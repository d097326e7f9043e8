import { newId } from '@ambit/contracts/ids';
import type { Platform } from '../kernel/context.ts';
import { hashSecret, newSecret } from '../kernel/keys.ts';
import { credentialAccount, type Passwords } from './accept-invitation.ts';

export interface FirstRun {
  created: boolean;
  organisationId: string;
  email: string;
  /** Only when created: they are stored hashed. */
  password: string | null;
  token: string | null;
}

const tokenMs = 365 * 24 * 3_600_000;

/**
 * On an empty database: the organisation "default" with the project "default", an owner, and an API token of his.
 * Does nothing when there is a user already; two processes that race make one.
 */
export async function firstRun(
  { db, now }: Pick<Platform, 'db' | 'now'>,
  passwords: Passwords,
  owner: { email: string; password: string },
): Promise<FirstRun> {
  const hash = await passwords.hash(owner.password);
  return db.system.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext('ambit-first-run'))) AS lock`;
    const member = await tx.member.findFirst({
      where: { role: 'owner' },
      include: { user: true },
      orderBy: { id: 'asc' },
    });
    if (member) {
      return {
        created: false,
        organisationId: member.organisationId,
        email: member.user.email,
        password: null,
        token: null,
      };
    }
    const organisationId = newId('organisation');
    const userId = crypto.randomUUID();
    await tx.organisation.create({
      data: {
        id: organisationId,
        name: 'default',
        projects: { create: { id: newId('project'), name: 'default' } },
      },
    });
    await tx.user.create({
      data: {
        id: userId,
        name: 'Administrator',
        email: owner.email,
        emailVerified: true,
        members: { create: { id: newId('member'), organisationId, role: 'owner' } },
      },
    });
    await tx.account.create({ data: credentialAccount(userId, hash) });
    const token = newSecret('ambit');
    await tx.apiToken.create({
      data: {
        id: newId('token'),
        organisationId,
        name: 'first run',
        role: 'owner',
        hint: token.slice(0, 12),
        secretHash: hashSecret(token),
        createdBy: userId,
        expiresAt: new Date(now().getTime() + tokenMs),
      },
    });
    return { created: true, organisationId, email: owner.email, password: owner.password, token };
  });
}
