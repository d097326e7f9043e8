import type { ReadWithDefaults } from '@ambit/contracts/agent/reads';
import { AmbitError } from '../kernel/errors.ts';

/**
 * Lets an `http` read go only below the address of an Integration, wherever its path may lead by dots or encodings.
 * @throws AmbitError forbidden
 */
export function assertReadable(
  read: ReadWithDefaults,
  through: string | undefined,
): ReadWithDefaults {
  if (read.kind !== 'http') return read;
  if (through === undefined) throw beyond(read.url, 'no integration');
  const url = new URL(read.url);
  const base = new URL(through.endsWith('/') ? through : `${through}/`);
  const isInside =
    url.origin === base.origin &&
    url.username === '' &&
    url.password === '' &&
    `${url.pathname}/`.startsWith(base.pathname) &&
    !/%2f|%5c|%2e/i.test(url.pathname);
  if (!isInside) throw beyond(`${url.origin}${url.pathname}`, through);
  return { ...read, url: url.href };
}

const beyond = (url: string, through: string): AmbitError =>
  new AmbitError(
    'forbidden',
    `${url} is not below ${through}: agents ask only servers that an integration names`,
  );
