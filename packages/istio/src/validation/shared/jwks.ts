import { isPlainObject, show } from './json.ts';

type Key = { problem: string } | { isPrivate: boolean };

const url64 = /^[A-Za-z0-9\-_]*$/;
const std64 = /^[A-Za-z0-9+/]*$/;

/** Base64 in any of its four common spellings. */
function isBase64(text: string): boolean {
  const written = text.replace(/[\r\n]/g, '');
  const bare = written.replace(/={1,2}$/, '');
  const isPadded = text.endsWith('=');
  if (!(/[+/]/.test(text) ? std64 : url64).test(bare) || bare.length % 4 === 1) return false;
  return isPadded ? written.length % 4 === 0 : bare.length === written.length;
}

/** Members that are base64, by key type; the first list is needed, the second only read. */
const members: Record<string, { needed: string[]; secret: string[] }> = {
  RSA: { needed: ['e', 'n'], secret: ['d', 'p', 'q', 'dp', 'dq', 'qi'] },
  EC: { needed: ['x', 'y'], secret: ['d'] },
  OKP: { needed: ['x'], secret: ['d'] },
  oct: { needed: ['k'], secret: [] },
};
const texts = ['alg', 'kid', 'use', 'x5t', 'x5t#S256', 'x5u'];

function readKey(key: unknown): Key {
  if (!isPlainObject(key)) return { problem: `a key must be an object, not ${show(key)}` };
  const { kty } = key;
  const known = typeof kty === 'string' && Object.hasOwn(members, kty) ? members[kty] : undefined;
  if (!known) return { problem: `${show(kty)} is no type of key; use RSA, EC, OKP or oct` };
  const isPrivate = kty === 'oct' || Object.hasOwn(key, 'd');
  const read = isPrivate ? [...known.needed, ...known.secret] : known.needed;
  const bad = read.find((name) => {
    const isNeeded = known.needed.includes(name);
    if (!Object.hasOwn(key, name)) return isNeeded;
    const value = key[name];
    return typeof value !== 'string' || !isBase64(value);
  });
  if (bad) return { problem: `a key of type ${kty} needs "${bad}" as base64` };
  const text = texts.find((name) => Object.hasOwn(key, name) && typeof key[name] !== 'string');
  if (text) return { problem: `"${text}" of a key must be text` };
  const { key_ops: operations = null, x5c = null, crv } = key;
  for (const list of [operations, x5c]) {
    if (list !== null && !(Array.isArray(list) && list.every((item) => typeof item === 'string'))) {
      return { problem: '"key_ops" and "x5c" of a key must be lists of text' };
    }
  }
  if ((kty === 'EC' || kty === 'OKP') && typeof crv !== 'string' && crv !== null) {
    return { problem: `a key of type ${kty} needs a curve, "crv", as text` };
  }
  return { isPrivate };
}

/** The first JSON object of a text: Istio's reader does not look at what follows it. */
function firstObject(text: string): string {
  let depth = 0;
  for (const token of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (token[0] === '{' || token[0] === '[') depth += 1;
    if (token[0] === '}' || token[0] === ']') depth -= 1;
    if (depth === 0) return text.slice(0, token.index + token[0].length);
  }
  return text;
}

/**
 * Reads a JSON Web Key (Set) as text: which keys hold private parts, or why it is none.
 * Certificates in `x5c` are not looked into.
 */
export function readJwks(text: string): { problem: string } | { privateKeys: number[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(firstObject(text));
  } catch {
    return { problem: 'it is no JSON' };
  }
  if (!isPlainObject(parsed)) return { problem: 'a JSON object is needed' };
  const list = Object.hasOwn(parsed, 'keys') ? (parsed['keys'] ?? []) : [parsed];
  if (!Array.isArray(list)) return { problem: '"keys" must be a list' };
  const privateKeys: number[] = [];
  for (const [index, item] of list.entries()) {
    const key = readKey(item);
    if ('problem' in key) return key;
    if (key.isPrivate) privateKeys.push(index);
  }
  return { privateKeys };
}
