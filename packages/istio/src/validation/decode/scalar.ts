import type { Kind } from './schema.ts';

type Range = { min: bigint; max: bigint };

const ranges: Partial<Record<Kind, Range>> = {
  i: { min: -(2n ** 31n), max: 2n ** 31n - 1n },
  u: { min: 0n, max: 2n ** 32n - 1n },
  I: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  U: { min: 0n, max: 2n ** 64n - 1n },
};
const maxFloat = 3.4028235677973366e38;
const wholeText = /^ *(null|-?(?:0|[1-9]\d{0,20})) *$/;
const numberText = /^ *(null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?) *$/;
const base64Text = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A decoded scalar, or what was expected instead. */
export type Scalar = { value: string | number | boolean } | { expected: string };

function whole(kind: Kind, raw: unknown): Scalar {
  const range = ranges[kind] as Range;
  const expected = { expected: `a whole number from ${range.min} to ${range.max}` };
  if (typeof raw === 'number') {
    if (!Number.isInteger(raw) || Math.abs(raw) >= 1e21) return expected;
    const exact = BigInt(raw);
    return exact < range.min || exact > range.max ? expected : { value: raw };
  }
  const text = typeof raw === 'string' ? wholeText.exec(raw)?.[1] : undefined;
  if (text === undefined) return expected;
  if (text === 'null') return { value: 0 };
  const exact = BigInt(text);
  return exact < range.min || exact > range.max ? expected : { value: Number(exact) };
}

function float(kind: Kind, raw: unknown): Scalar {
  const expected = { expected: 'a number' };
  if (raw === 'NaN' || raw === 'Infinity' || raw === '-Infinity') return { value: Number(raw) };
  const text = typeof raw === 'string' ? numberText.exec(raw)?.[1] : undefined;
  const value = typeof raw === 'number' ? raw : text === undefined ? NaN : Number(text);
  if (text === 'null') return { value: 0 };
  const fits = Number.isFinite(value) && (kind === 'd' || Math.abs(value) < maxFloat);
  return fits ? { value: kind === 'f' ? Math.fround(value) : value } : expected;
}

function bytes(raw: unknown): Scalar {
  if (typeof raw === 'string' && base64Text.test(raw.replace(/[\r\n]/g, ''))) return { value: raw };
  const isByte = (item: unknown): boolean =>
    Number.isInteger(item) && Number(item) >= 0 && Number(item) <= 255;
  if (Array.isArray(raw) && raw.every(isByte)) return { value: btoa(String.fromCharCode(...raw)) };
  return { expected: 'base64 text' };
}

const textExpected = (raw: unknown): string =>
  typeof raw === 'number' || typeof raw === 'boolean' ? 'text (put it in quotes)' : 'text';

/** Decodes a JSON value as protobuf's JSON form reads it; null is the default value. */
export function decodeScalar(kind: Kind, raw: unknown): Scalar {
  switch (kind) {
    case 'b':
      return typeof raw === 'boolean' || raw === null
        ? { value: raw ?? false }
        : { expected: 'true or false' };
    case 's':
      return typeof raw === 'string' || raw === null
        ? { value: raw ?? '' }
        : { expected: textExpected(raw) };
    case 'y':
      return raw === null ? { value: '' } : bytes(raw);
    case 'f':
    case 'd':
      return raw === null ? { value: 0 } : float(kind, raw);
    default:
      return raw === null ? { value: 0 } : whole(kind, raw);
  }
}
