const unitNs: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const limitNs = 1n << 63n;
const step = /(\d*)(?:\.(\d*))?([^\d.]+)/y;

/** The leading digits of a fraction that fit 63 bits, as Go's time.ParseDuration reads them. */
function fraction(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (limitNs - 1n) / 10n || next > limitNs) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** Nanoseconds of a Go duration ("1h30m", "1.5s", "-2ms", "0"); undefined when it is none or overflows 64 bits. */
export function parseDurationNs(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') return undefined;
  let total = 0n;
  step.lastIndex = 0;
  while (step.lastIndex < rest.length) {
    const match = step.exec(rest);
    if (!match) return undefined;
    const [, whole = '', part, unit = ''] = match;
    const size = Object.hasOwn(unitNs, unit) ? unitNs[unit] : undefined;
    if (size === undefined || (whole === '' && !part)) return undefined;
    const digits = whole.replace(/^0+/, '');
    if (digits.length > 19) return undefined;
    const wholeNs = BigInt(digits || '0') * size;
    if (wholeNs > limitNs) return undefined;
    total += wholeNs + (part ? fraction(part, size) : 0n);
    if (total > limitNs) return undefined;
  }
  if (negative) return -total;
  return total > limitNs - 1n ? undefined : total;
}
