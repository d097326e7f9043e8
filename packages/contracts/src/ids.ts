import { z } from 'zod';

/** Prefix of every kind of id. An id is `<prefix>_<26 lower-case base32 characters>`, sortable by creation time. */
export const idPrefixes = {
  organisation: 'org',
  project: 'prj',
  member: 'mbr',
  invitation: 'inv',
  token: 'tok',
  cluster: 'cls',
  mesh: 'msh',
  operation: 'opr',
  policy: 'pol',
  object: 'obj',
  request: 'req',
  audit: 'aud',
  outbox: 'out',
  action: 'act',
  finding: 'fnd',
  suppression: 'sup',
  alert: 'alr',
  alertRule: 'arl',
  alertRoute: 'art',
  alertGroup: 'agr',
  alertDelivery: 'ald',
  silence: 'sil',
  read: 'red',
  integration: 'itg',
  waypointPool: 'wpp',
  objective: 'slo',
} as const;

export type IdKind = keyof typeof idPrefixes;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new id: 48 bits of milliseconds since the epoch, then 82 random bits.
 * @param now milliseconds since the epoch
 */
export function newId(kind: IdKind, now: number = Date.now()): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i++) {
    time = alphabet[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  const random = crypto.getRandomValues(new Uint8Array(16));
  return `${idPrefixes[kind]}_${time}${Array.from(random, (b) => alphabet[b % 32]).join('')}`;
}

/** Schema of an id of one kind; a value of another form is refused with the form expected. */
export function idOf(kind: IdKind) {
  const prefix = idPrefixes[kind];
  return z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`), `expected an id like ${prefix}_…`)
    .meta({ example: `${prefix}_01kaz5m8x0v6h2c4q7t9w3e5r1` });
}
