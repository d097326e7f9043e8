import { AmbitError } from '@ambit/services/kernel/errors';

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a change that a browser sends with the session's cookie from another site (Sec-Fetch-Site, else Origin).
 * A client that sends neither is no browser, and cannot be made to act by a page.
 * @throws AmbitError forbidden
 */
export function assertSameOrigin(method: string, headers: Headers, publicUrl: string): void {
  if (reading.has(method)) return;
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  const fromHere =
    site !== null
      ? site === 'same-origin' || site === 'none'
      : origin === null || isHere(origin, headers.get('host'), publicUrl);
  if (fromHere) return;
  throw new AmbitError('forbidden', 'a change with a session must come from the console itself', {
    fix: 'programs use an API token (Authorization: Bearer ambit_…) instead of a cookie',
  });
}

function isHere(origin: string, host: string | null, publicUrl: string): boolean {
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  return from.host === host || from.origin === new URL(publicUrl).origin;
}
