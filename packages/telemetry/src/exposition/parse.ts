import { SourceError } from '../source.ts';

const longestLine = 64 * 1024;
const newline = 0x0a;
const carriage = 0x0d;
const space = 0x20;
const tab = 0x09;
const quote = 0x22;
const hashSign = 0x23;
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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const hash: Hash = { low: 0, high: 0 };
  /** The first sign of a comment or an exemplar from here on. */
  let nextHash = -1;
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
    if (to === line || first === hashSign || first === carriage) continue;
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
    sample.labelsFrom = at;
    sample.labelsTo = at;
    // The name's own number too: two names may be known by the same.
    hash.high = 0xdeadbeef ^ low;
    hash.low = 0x41c6ce57 ^ name;
    if (bytes[at] === open) {
      if (nextHash < at) nextHash = placeOf(bytes, hashSign, at);
      const closed = nextHash < to ? closedInOrder(bytes, at + 1, to) : closedLast(bytes, at, to);
      if (closed === -1) {
        bad++;
        continue;
      }
      sample.labelsFrom = at + 1;
      sample.labelsTo = closed;
      mix(view, at + 1, closed, hash);
      at = closed + 1;
    }
    const value = numberAt(bytes, at, to);
    if (value === null) {
      bad++;
      continue;
    }
    const high =
      Math.imul(hash.high ^ (hash.high >>> 16), 2_246_822_507) ^
      Math.imul(hash.low ^ (hash.low >>> 13), 3_266_489_909);
    sample.name = name;
    sample.low =
      Math.imul(hash.low ^ (hash.low >>> 16), 2_246_822_507) ^
      Math.imul(high ^ (high >>> 13), 3_266_489_909);
    sample.high = high;
    sample.value = value;
    samples++;
    onSample(sample);
  }
  return { samples, bad };
}

interface Hash {
  low: number;
  high: number;
}

const rotated = (bits: number, by: number): number => (bits << by) | (bits >>> (32 - by));

/** Mixes a stretch of bytes into a hash, four at a time: two of MurmurHash3's (32 bits) with constants of their own. */
function mix(view: DataView, from: number, to: number, hash: Hash): void {
  let { low, high } = hash;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word = view.getInt32(at, true);
    low ^= Math.imul(rotated(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
    low = (Math.imul(rotated(low, 13), 5) + 0xe6546b64) | 0;
    high ^= Math.imul(rotated(Math.imul(word, 0x239b961b), 16), 0xab0e9789);
    high = (Math.imul(rotated(high, 19), 5) + 0x561ccd1b) | 0;
  }
  let rest = to - from;
  for (; at < to; at++) rest = Math.imul(rest, 257) ^ view.getUint8(at);
  low ^= Math.imul(rotated(Math.imul(rest, 0xcc9e2d51), 15), 0x1b873593);
  high ^= Math.imul(rotated(Math.imul(rest, 0x239b961b), 16), 0xab0e9789);
  hash.low = low;
  hash.high = high;
}

/** The place of a byte from another on; behind the end when there is none. */
function placeOf(bytes: Buffer, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found === -1 ? bytes.length : found;
}

/** Where labels end, in a line that has nothing but a value behind them: at its last brace. -1 when it has none. */
function closedLast(bytes: Buffer, from: number, to: number): number {
  for (let at = to - 1; at > from; at--) if (bytes[at] === close) return at;
  return -1;
}

/** The same in a line that may have an exemplar: at the first brace outside of quotes. */
function closedInOrder(bytes: Buffer, from: number, to: number): number {
  let isQuoted = false;
  for (let at = from; at < to; at++) {
    const c = bytes[at]!;
    if (c === close && !isQuoted) return at;
    if (c === quote) isQuoted = !isQuoted;
    else if (c === backslash) at++;
  }
  return -1;
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
