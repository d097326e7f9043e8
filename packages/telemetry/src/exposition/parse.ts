import { SourceError } from '../source.ts';

const longestLine = 64 * 1024;
const newline = 0x0a;
const carriage = 0x0d;
const space = 0x20;
const tab = 0x09;
const quote = 0x22;
const hash = 0x23;
const zero = 0x30;
const nine = 0x39;
const backslash = 0x5c;
const open = 0x7b;
const close = 0x7d;

/** A sample where it stands in the text: its name, its labels without braces, and its value. */
export interface Sample {
  /** What `nameOf` said of its name. */
  name: number;
  /** Two numbers of 32 bits made of name, labels and what the name is known by: the same gives the same. */
  low: number;
  high: number;
  labelsFrom: number;
  labelsTo: number;
  value: number;
}

/**
 * Reads Prometheus' text format (prometheus.io, "Exposition formats" 0.0.4, and what of OpenMetrics looks the same) as
 * bytes, without making texts of it. Lines that are no samples are skipped and counted; time stamps and exemplars are
 * left out.
 * @param nameOf what to know a name by; negative: not wanted
 * @param onSample takes the same object each time
 * @returns samples taken and lines that could not be read
 */
export function scanExposition(
  bytes: Buffer,
  nameOf: (name: string) => number,
  onSample: (sample: Sample) => void,
): { samples: number; bad: number } {
  const names = new Map<number, number>();
  const sample: Sample = { name: -1, low: 0, high: 0, labelsFrom: 0, labelsTo: 0, value: 0 };
  let samples = 0;
  let bad = 0;
  const end = bytes.length;
  let from = 0;
  while (from < end) {
    const found = bytes.indexOf(newline, from);
    const to = found === -1 ? end : found;
    const line = from;
    from = to + 1;
    const first = bytes[line]!;
    if (to === line || first === hash || first === carriage) continue;
    if (to - line > longestLine) {
      throw new SourceError('malformed', 'The metrics have a line longer than 64 KB.');
    }
    let at = line;
    let low = 0x811c9dc5;
    for (; at < to; at++) {
      const c = bytes[at]!;
      if (c === open || c === space || c === tab) break;
      low = Math.imul(low ^ c, 16_777_619);
    }
    if (at >= to || at === line) {
      bad++;
      continue;
    }
    let name = names.get(low);
    if (name === undefined) {
      name = nameOf(bytes.toString('utf8', line, at));
      names.set(low, name);
    }
    if (name < 0) continue;
    // The name's own number too: two names may be known by the same.
    let high = 0xdeadbeef ^ low;
    low = 0x41c6ce57 ^ name;
    sample.labelsFrom = at;
    sample.labelsTo = at;
    if (bytes[at] === open) {
      at++;
      sample.labelsFrom = at;
      let isQuoted = false;
      for (; at < to; at++) {
        const c = bytes[at]!;
        if (c === close && !isQuoted) break;
        if (c === quote) isQuoted = !isQuoted;
        else if (c === backslash) {
          high = Math.imul(high ^ c, 2_654_435_761);
          low = Math.imul(low ^ c, 1_597_334_677);
          if (++at >= to) break;
        }
        const byte = bytes[at]!;
        high = Math.imul(high ^ byte, 2_654_435_761);
        low = Math.imul(low ^ byte, 1_597_334_677);
      }
      if (at >= to) {
        bad++;
        continue;
      }
      sample.labelsTo = at;
      at++;
    }
    const value = numberAt(bytes, at, to);
    if (value === null) {
      bad++;
      continue;
    }
    high =
      Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
    low =
      Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
    sample.name = name;
    sample.low = low;
    sample.high = high;
    sample.value = value;
    samples++;
    onSample(sample);
  }
  return { samples, bad };
}

/** Takes one sample: its name, its labels as they stand (without braces), and its value. */
export type OnSample = (name: string, labels: string, value: number) => void;

/** The same over a text, with texts. */
export function parseExposition(
  text: string,
  wanted: (name: string) => boolean,
  onSample: OnSample,
): { samples: number; bad: number } {
  const bytes = Buffer.from(text, 'utf8');
  const names: string[] = [];
  return scanExposition(
    bytes,
    (name) => (wanted(name) ? names.push(name) - 1 : -1),
    ({ name, labelsFrom, labelsTo, value }) =>
      onSample(names[name]!, bytes.toString('utf8', labelsFrom, labelsTo), value),
  );
}

/** The first number between two places; null when there is none. */
function numberAt(bytes: Buffer, from: number, to: number): number | null {
  let at = from;
  while (at < to && bytes[at]! <= space) at++;
  const begin = at;
  let value = 0;
  for (; at < to; at++) {
    const c = bytes[at]!;
    if (c < zero || c > nine) break;
    value = value * 10 + (c - zero);
  }
  const isWhole = at > begin && at - begin <= 15 && (at >= to || bytes[at]! <= space);
  if (isWhole) return value;
  while (at < to && bytes[at]! > space) at++;
  return numberOf(bytes.toString('latin1', begin, at));
}

function numberOf(text: string): number | null {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  if (text === 'NaN') return Number.NaN;
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isNaN(value) ? null : value;
}

const label = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*|$)/gy;
const escaped = /\\(.)/g;

/** The labels of a sample by name; null when they cannot be read. */
export function parseLabels(text: string): Map<string, string> | null {
  const labels = new Map<string, string>();
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const found = label.exec(text);
    if (found === null) return null;
    labels.set(
      found[1]!,
      found[2]!.replace(escaped, (_, c: string) => (c === 'n' ? '\n' : c)),
    );
  }
  return labels;
}
