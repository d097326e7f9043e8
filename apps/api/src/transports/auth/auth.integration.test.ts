import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from 'better-auth/crypto';
import { invitationCreate, memberUpdate } from '@ambit/contracts/operations/access';
import { credentialAccount } from '@ambit/services/access/accept-invitation';
import { makeTenant, type Tenant } from '@ambit/services/testing/tenant';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const userId = server.tenant.callers.owner.actor.id;
  await server.platform.db.system.account.create({
    data: credentialAccount(userId, await hashPassword(password)),
  });
});
afterAll(() => server.close());

const password = 'correct horse battery';

const post = (path: string, json: object, headers: Record<string, string> = {}) =>
  server.request(null, path, { method: 'POST', json, headers: { origin: server.url, ...headers } });

const signIn = (email: string, secret = password, headers: Record<string, string> = {}) =>
  post('/auth/sign-in/email', { email, password: secret }, headers);

const cookieOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');

const ownerEmail = () => server.tenant.callers.owner.actor.email!;

describe('signing in', () => {
  it('gives a session in a cookie that scripts and other sites cannot use', async () => {
    const response = await signIn(ownerEmail());
    expect(response.status).toBe(200);
    const [cookie] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^ambit\.session_token=/);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(await response.json()).toEqual({
      user: expect.objectContaining({ email: ownerEmail() }),
    });
    const me = await server.json(null, '/v1/me', { headers: { cookie: cookieOf(response) } });
    expect(me).toMatchObject({ actor: { kind: 'user', email: ownerEmail() }, role: 'owner' });
  });

  it('ends with sign-out, at once', async () => {
    const cookie = cookieOf(await signIn(ownerEmail()));
    expect((await post('/auth/sign-out', {}, { cookie })).status).toBe(200);
    expect((await server.request(null, '/v1/me', { headers: { cookie } })).status).toBe(401);
  });

  it('with a wrong password is 401 in the form of all errors, and the same for an unknown email', async () => {
    const wrong = await signIn(ownerEmail(), 'not the password');
    const unknown = await signIn('nobody@example.com', 'not the password');
    for (const response of [wrong, unknown]) {
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({
        code: 'unauthenticated',
        message: 'Invalid email or password',
      });
    }
  });

  it('is slowed down after ten failures for one email', async () => {
    const email = 'target@example.com';
    for (let i = 0; i < 10; i++) expect((await signIn(email, 'guess number 1')).status).toBe(401);
    const response = await signIn(email, 'guess number 2');
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ code: 'rate_limited' });
  });

  it('is not possible for who was not invited', async () => {
    const response = await post('/auth/sign-up/email', {
      name: 'Eve',
      email: 'eve@example.com',
      password,
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(
      await server.platform.db.system.user.findUnique({ where: { email: 'eve@example.com' } }),
    ).toBeNull();
  });
});

it('a session that is used is renewed, with its cookie, at both doors', async () => {
  const { system } = server.platform.db;
  for (const path of ['/v1/me', '/trpc/me.get']) {
    const cookie = cookieOf(await signIn(ownerEmail()));
    const token = decodeURIComponent(cookie.split('=')[1]!).split('.', 1)[0]!;
    const soon = new Date(Date.now() + 3 * 24 * 3_600_000);
    await system.session.update({ where: { token }, data: { expiresAt: soon } });
    const response = await server.request(null, path, { headers: { cookie } });
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie().join()).toMatch(
      /^ambit\.session_token=.*Max-Age=604800/,
    );
    const session = await system.session.findUniqueOrThrow({ where: { token } });
    expect(session.expiresAt.getTime()).toBeGreaterThan(soon.getTime());
  }
});

describe('a change with a session', () => {
  const create = (cookie: string, headers: Record<string, string>) =>
    server.request(null, '/v1/projects', {
      method: 'POST',
      json: { name: `p${crypto.randomUUID().slice(0, 8)}` },
      headers: { cookie, ...headers },
    });

  it('is taken from the console itself and refused from other sites, at every door', async () => {
    const cookie = cookieOf(await signIn(ownerEmail()));
    expect((await create(cookie, { origin: server.url })).status).toBe(201);
    expect((await create(cookie, { 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: server.url },
    ];
    for (const headers of foreign) {
      expect((await create(cookie, headers)).status, JSON.stringify(headers)).toBe(403);
    }
    const trpc = await server.request(null, '/trpc/project.create', {
      method: 'POST',
      json: { name: 'by-csrf' },
      headers: { cookie, origin: 'https://evil.example' },
    });
    expect(trpc.status).toBe(403);
  });

  it('cannot be made to sign someone in from another site', async () => {
    const response = await signIn(ownerEmail(), password, { origin: 'https://evil.example' });
    expect(response.status).toBe(403);
    expect(response.headers.getSetCookie()).toEqual([]);
  });
});

describe('the organisation of a session', () => {
  it('is the one named, if one is a member there; another is 404', async () => {
    const second = await makeTenant(server.platform, 'Second');
    const third = await makeTenant(server.platform, 'Third');
    await server.platform.db.system.member.update({
      where: { id: second.memberIds.viewer },
      data: { userId: server.tenant.callers.owner.actor.id },
    });
    const cookie = cookieOf(await signIn(ownerEmail()));
    const me = (organisation: Tenant) =>
      server.request(null, '/v1/me', {
        headers: { cookie, 'x-ambit-organisation': organisation.organisationId },
      });
    expect(await (await me(second)).json()).toMatchObject({
      role: 'viewer',
      organisations: [{ role: 'owner' }, { role: 'viewer' }],
    });
    expect((await me(third)).status).toBe(404);
  });
});

describe('an invitation', () => {
  const invite = async (tenant: Tenant, email: string) => {
    const { link } = await tenant.callAs('owner', invitationCreate, { email, role: 'operator' });
    return link.split('/').at(-1)!;
  };
  const accept = (token: string, secret = password) =>
    post(`/v1/invitations/open/${token}/accept`, { name: 'Ada', password: secret });

  it('makes a new person a member and signs them in, once', async () => {
    const email = 'ada@example.com';
    const token = await invite(server.tenant, email);
    expect(await server.json(null, `/v1/invitations/open/${token}`)).toMatchObject({
      email,
      role: 'operator',
      hasAccount: false,
    });
    const accepted = await accept(token);
    expect(accepted.status).toBe(201);
    const me = await server.json(null, '/v1/me', { headers: { cookie: cookieOf(accepted) } });
    expect(me).toMatchObject({ actor: { name: 'Ada', email }, role: 'operator' });
    expect((await accept(token)).status).toBe(404);
    expect((await server.request(null, `/v1/invitations/open/${token}`)).status).toBe(404);
    expect((await signIn(email)).status).toBe(200);
    const audit = await server.platform.db.system.auditEntry.findFirst({
      where: { action: 'invitation.accept', organisationId: server.tenant.organisationId },
    });
    expect(audit).toMatchObject({ outcome: 'done', detail: { email } });
  });

  it('is accepted by two at the same moment only once', async () => {
    const token = await invite(server.tenant, 'race@example.com');
    const statuses = (await Promise.all([accept(token), accept(token)])).map((r) => r.status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  });

  it('of someone who has an account needs that account’s password', async () => {
    const other = await makeTenant(server.platform, 'Joined');
    const token = await invite(other, ownerEmail());
    expect((await accept(token, 'not their password')).status).toBe(401);
    expect((await accept(token)).status).toBe(201);
    const member = await server.platform.db.system.member.findFirst({
      where: { organisationId: other.organisationId, userId: server.tenant.callers.owner.actor.id },
    });
    expect(member?.role).toBe('operator');
  });

  it('wants a password of twelve characters', async () => {
    const token = await invite(server.tenant, 'short@example.com');
    const response = await accept(token, 'short');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ details: [{ path: 'password' }] });
  });

  it('that was revoked or made up is 404', async () => {
    expect((await accept('invite_nonsense')).status).toBe(404);
  });
});

it('a lowered role holds for the next request of the same session', async () => {
  const tenant = await makeTenant(server.platform, 'Lowered');
  const { id, email } = tenant.callers.admin.actor;
  await server.platform.db.system.account.create({
    data: credentialAccount(id, await hashPassword(password)),
  });
  const cookie = cookieOf(await signIn(email!));
  await tenant.callAs('owner', memberUpdate, { memberId: tenant.memberIds.admin, role: 'viewer' });
  expect(await server.json(null, '/v1/me', { headers: { cookie } })).toMatchObject({
    role: 'viewer',
  });
});

it('the setup offer is for who is signed in', async () => {
  expect((await server.request(null, '/v1/setup')).status).toBe(401);
  const setup = await server.json('viewer', '/v1/setup');
  expect(setup).toMatchObject({ lab: { command: 'npm run lab up', reason: expect.any(String) } });
});
