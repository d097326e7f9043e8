import { SourceError } from '../source.ts';

/** Takes one sample: its name, its labels as they stand (without braces), and its value. */
export type OnSample = (name: string, labels: string, value: number) => void;

const longestLine = 64 * 1024;

/**
 * Reads Prometheus' text format (prometheus.io, "Exposition formats" 0.0.4, and what of OpenMetrics looks the
 * same). Lines that are no samples are skipped and counted; time stamps and exemplars are left out.
 * @returns samples taken and lines that could not be read
 */
export function parseExposition(
  text: string,
  wanted: (name: string) => boolean,
  onSample: OnSample,
): { samples: number; bad: number } {
  let samples = 0;
  let bad = 0;
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf('\n', from);
    const to = newline === -1 ? text.length : newline;
    const first = text.charCodeAt(from);
    if (to > from && first !== hash && first !== carriage) {
      if (to - from > longestLine) {
        throw new SourceError('malformed', 'The metrics have a line longer than 64 KB.');
      }
      const read = parseLine(text, from, to, wanted, onSample);
      if (read === 'taken') samples++;
      else if (read === 'bad') bad++;
    }
    from = to + 1;
  }
  return { samples, bad };
}

const hash = 0x23;
const carriage = 0x0d;
const brace = '{';
const nameEnd = /[{\s]/g;
const valueText = /^\s*([^\s]+)/;

function parseLine(
  text: string,
  from: number,
  to: number,
  wanted: (name: string) => boolean,
  onSample: OnSample,
): 'taken' | 'other' | 'bad' {
  nameEnd.lastIndex = from;
  const end = nameEnd.exec(text)?.index ?? text.length;
  if (end >= to || end === from) return 'bad';
  const name = text.slice(from, end);
  if (!wanted(name)) return 'other';
  let rest = end;
  let labels = '';
  if (text[end] === brace) {
    const close = closingBrace(text, end + 1, to);
    if (close === -1) return 'bad';
    labels = text.slice(end + 1, close);
    rest = close + 1;
  }
  const value = numberOf(valueText.exec(text.slice(rest, to))?.[1] ?? '');
  if (value === null) return 'bad';
  onSample(name, labels, value);
  return 'taken';
}

/** Where the labels end: a brace in a value does not end them. */
function closingBrace(text: string, from: number, to: number): number {
  let isQuoted = false;
  for (let at = from; at < to; at++) {
    const c = text[at];
    if (c === '\\') at++;
    else if (c === '"') isQuoted = !isQuoted;
    else if (c === '}' && !isQuoted) return at;
  }
  return -1;
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
