const longest = 253;
// oxlint-disable-next-line no-control-regex -- labels come from anywhere
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
// oxlint-disable-next-line no-control-regex -- the quick way for what nearly all labels are
const plain = /^[\u0020-\u007e]*$/;

/**
 * A label as it may be shown: `unknown` (Istio's word) and absence are empty, control and direction
 * characters are gone, and it is at most 253 characters, as long as a Kubernetes name can be.
 */
export function cleanLabel(value: string | undefined): string {
  if (value === undefined || value === 'unknown') return '';
  if (value.length <= longest && plain.test(value)) return value;
  return value.slice(0, longest).replace(unprintable, '').toWellFormed();
}

const special = /[%/>#]/;
const specials = /[%/>#]/g;

/** A part of an id, with the characters that part ids escaped. */
export const idPart = (text: string): string =>
  special.test(text) ? text.replace(specials, (c) => `%${c.charCodeAt(0).toString(16)}`) : text;

/** A rate as it is shown: three decimals, five below one. */
export const roundRate = (value: number): number =>
  value < 1 ? Math.round(value * 1e5) / 1e5 : Math.round(value * 1e3) / 1e3;

/** A share from 0 to 1 with four decimals. A failure among many is never rounded to none. */
export function roundShare(value: number): number {
  const rounded = Math.round(value * 1e4) / 1e4;
  return rounded === 0 && value > 0 ? 0.0001 : Math.min(1, rounded);
}

export const roundMs = (value: number): number => Math.round(value * 10) / 10;
