import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { acceptInvitationSchema, type OpenInvitation, type Setup } from '@ambit/contracts/welcome';
import { acceptInvitation, findOpenInvitation } from '@ambit/services/access/accept-invitation';
import { invalid } from '@ambit/services/kernel/errors';
import { Hono } from 'hono';
import type { Process } from '../../platform/platform.ts';
import { attemptLimit } from '../auth/attempt-limit.ts';
import type { Auth } from '../auth/auth.ts';
import { findCaller, type CallerOptions } from '../auth/caller.ts';
import { withClientAddress } from '../auth/client-address.ts';
import { assertSameOrigin } from '../auth/same-origin.ts';
import type { DoorEnv } from '../door.ts';
import { jsonBody } from './request-input.ts';

/** Routes for people on their way in: open invitations (no session needed), and what this machine offers. */
export function welcomeApp(platform: Process, callers: CallerOptions, auth: Auth): Hono<DoorEnv> {
  const tries = attemptLimit({ most: 60, windowMs: 60_000, now: () => Date.now() });
  const app = new Hono<DoorEnv>();

  app.use('/v1/invitations/open/*', async (c, next) => {
    const from = c.env?.incoming?.socket.remoteAddress ?? '';
    tries.assertBelow(from, 'invitations were opened from this address');
    tries.count(from);
    await next();
  });

  app.get('/v1/invitations/open/:token', async (c) => {
    c.set('operation', 'invitation.open');
    const found = await findOpenInvitation(platform, c.req.param('token'));
    const answer: OpenInvitation = {
      organisation: { name: found.organisation.name },
      email: found.email,
      role: found.role,
      expiresAt: found.expiresAt.toISOString(),
      hasAccount: found.userId !== null,
    };
    c.header('cache-control', 'no-store');
    return c.json(answer);
  });

  app.post('/v1/invitations/open/:token/accept', async (c) => {
    c.set('operation', 'invitation.accept');
    assertSameOrigin('POST', c.req.raw.headers, platform.publicUrl);
    const parsed = acceptInvitationSchema.safeParse(await jsonBody(c));
    if (!parsed.success) {
      throw invalid(
        'the input is not valid',
        parsed.error.issues.map((i) => ({ path: i.path.join('.'), message: i.message })),
      );
    }
    const { password } = await auth.$context;
    const accepted = await acceptInvitation(platform, {
      token: c.req.param('token'),
      ...parsed.data,
      requestId: c.get('requestId'),
      passwords: {
        hash: (plain) => password.hash(plain),
        verify: (hash, plain) => password.verify({ hash, password: plain }),
      },
    });
    const session = await auth.api.signInEmail({
      body: { email: accepted.email, password: parsed.data.password },
      headers: withClientAddress(c.req.raw.headers, c.env),
      asResponse: true,
    });
    for (const cookie of session.headers.getSetCookie()) {
      c.header('set-cookie', cookie, { append: true });
    }
    return c.json(accepted, 201);
  });

  app.get('/v1/setup', async (c) => {
    c.set('operation', 'setup.get');
    await findCaller(callers, {
      method: 'GET',
      headers: c.req.raw.headers,
      door: 'rest',
      requestId: c.get('requestId'),
    });
    const setup: Setup = { lab: await labOffer() };
    return c.json(setup);
  });
  return app;
}

async function labOffer(): Promise<Setup['lab']> {
  const command = 'npm run lab up';
  const wanting = [
    process.platform === 'linux' ? null : 'Linux',
    process.getuid?.() === 0 ? null : 'the root user',
    (await findProgram('go')) ? null : 'Go',
  ].filter((what) => what !== null);
  return wanting.length === 0
    ? { available: true, command, reason: 'This machine can run a Kubernetes cluster to try with.' }
    : { available: false, command, reason: `The lab needs ${wanting.join(' and ')}.` };
}

async function findProgram(name: string): Promise<string | null> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/go/bin'];
  for (const folder of folders.filter(Boolean)) {
    const path = join(folder, name);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}
