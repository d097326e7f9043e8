import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import type { Database } from '@ambit/db/database';
import { clientAddressHeader } from './client-address.ts';

export const authPath = '/auth';

/** Longest time between sign-in and sign-in; renewed daily while used. */
const sessionS = 7 * 24 * 3600;

/**
 * People's sessions and passwords (better-auth on our tables). Nobody can sign up: people come by invitation or with
 * the first run.
 */
export function makeAuth(db: Database, publicUrl: string, secret: string) {
  const secure = publicUrl.startsWith('https:');
  return betterAuth({
    appName: 'Ambit',
    baseURL: publicUrl,
    basePath: authPath,
    secret,
    telemetry: { enabled: false },
    logger: { disabled: true },
    onAPIError: { throw: true },
    database: prismaAdapter(db.system, { provider: 'postgresql' }),
    trustedOrigins: (request) => sameHostOrigins(request),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 12,
      maxPasswordLength: 200,
      revokeSessionsOnPasswordReset: true,
    },
    session: { expiresIn: sessionS, updateAge: 24 * 3600, freshAge: 3600 },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 300,
      storage: 'memory',
      customRules: {
        '/sign-in/email': { window: 60, max: 60 },
        '/change-password': { window: 60, max: 10 },
        '/get-session': false,
      },
    },
    advanced: {
      cookiePrefix: 'ambit',
      useSecureCookies: secure,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', secure, path: '/' },
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
    },
  });
}

export type Auth = ReturnType<typeof makeAuth>;

/** The origins of the address the request itself came to: a proxy may have ended its TLS. */
function sameHostOrigins(request?: Request): string[] {
  const host = request?.headers.get('host');
  return host ? [`http://${host}`, `https://${host}`] : [];
}
