import { SourceError } from '../source.ts';

/** Takes one row of an answer: where its labels (JSON, without braces) are in the bytes, and its value. */
export type OnRow = (bytes: Buffer, from: number, to: number, value: number) => void;

export interface Answer {
  warnings: string[];
  isPartial: boolean;
  rows: number;
  /** The moment the answer is for by the server's clock, milliseconds since 1970; null without rows. */
  atMs: number | null;
}

export interface VectorReader {
  /** Takes the next bytes; they are not kept after it returns. */
  push(chunk: Buffer): void;
  /** Ends the answer. Throws SourceError when it was no whole answer of the query API. */
  end(): Answer;
}

const rowBegin = Buffer.from('{"metric":{');
const labelsEnd = Buffer.from('},"value":[');
const rowEnd = Buffer.from('"]}');

/** Longest row that is taken, and longest text around the rows. */
const longestRow = 64 * 1024;
/** How much of the next chunk is taken at first to complete a row. */
const joined = 2 * 1024;
const longestFrame = 1024 * 1024;

const quote = 0x22;
const comma = 0x2c;
const brace = 0x7b;
const nothing = Buffer.alloc(0);

/**
 * Reads an instant vector of the Prometheus HTTP API as its bytes arrive. No row becomes an object: inside a
 * JSON string a quote stands behind a backslash, so the three marks around labels and value are found by
 * searching bytes. What is around the rows is read as JSON. An answer written otherwise (with spaces) is read whole.
 */
export function createVectorReader(onRow: OnRow): VectorReader {
  let rest: Buffer = nothing;
  let frame: Buffer[] = [];
  let frameBytes = 0;
  let rows = 0;
  let isAfterRows = false;
  let atMs: number | null = null;

  const keepFrame = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    frameBytes += bytes.length;
    if (rows > 0 && frameBytes > longestFrame) throw tooLong();
    frame.push(Buffer.from(bytes));
  };

  const take = (bytes: Buffer): Buffer => {
    if (isAfterRows) {
      keepFrame(bytes);
      return nothing;
    }
    let at = 0;
    for (;;) {
      if (rows > 0) {
        if (at < bytes.length && bytes[at] === comma) at++;
        if (at >= bytes.length) return nothing;
        if (bytes[at] !== brace) break;
      }
      const begin = bytes.indexOf(rowBegin, at);
      if (begin === -1) {
        // A mark may be cut in two by the end of a chunk.
        const keep = Math.min(bytes.length - at, rowBegin.length - 1);
        if (rows > 0 && bytes.length - at > keep) break;
        if (rows === 0) keepFrame(bytes.subarray(at, bytes.length - keep));
        return bytes.subarray(bytes.length - keep);
      }
      if (rows > 0 && begin !== at) break;
      const from = begin + rowBegin.length;
      const to = bytes.indexOf(labelsEnd, from);
      const end = to === -1 ? -1 : bytes.indexOf(rowEnd, to + labelsEnd.length);
      if (rows === 0) keepFrame(bytes.subarray(at, begin));
      if (end === -1) {
        if (bytes.length - begin > longestRow) throw tooLong();
        return bytes.subarray(begin);
      }
      if (rows++ === 0) atMs = timeAt(bytes, to + labelsEnd.length, end);
      onRow(bytes, from, to, valueAt(bytes, to + labelsEnd.length, end));
      at = end + rowEnd.length;
    }
    isAfterRows = true;
    keepFrame(bytes.subarray(at));
    return nothing;
  };

  return {
    push: (chunk) => {
      let at = 0;
      // A row cut by the end of the last chunk is joined alone, not with the whole of this one.
      while (rest.length > 0 && at < chunk.length) {
        const more = chunk.subarray(at, at + joined);
        const left = take(Buffer.concat([rest, more]));
        const isJoined = left.length <= more.length;
        at += isJoined ? more.length - left.length : more.length;
        rest = isJoined ? nothing : left;
      }
      if (at < chunk.length) rest = Buffer.from(take(at === 0 ? chunk : chunk.subarray(at)));
    },
    end: () => {
      keepFrame(rest);
      const text = Buffer.concat(frame).toString('utf8');
      frame = [];
      const { warnings, isPartial, result } = readFrame(text);
      if (rows === 0) {
        for (const row of result) {
          const time = readWhole(row, onRow);
          if (time === null) continue;
          rows++;
          atMs ??= time;
        }
      }
      return { warnings, isPartial, rows, atMs };
    },
  };
}

const tooLong = (): SourceError =>
  new SourceError(
    'malformed',
    'The answer has a row longer than 64 KB, or is no answer of Prometheus.',
  );

/** `1700000000.1,"0.25"`: the number between the quotes, without making a text of it where that is easy. */
function valueAt(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== quote) at++;
  at++;
  const begin = at;
  let mantissa = 0;
  let digits = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (digit >= 0 && digit <= 9) {
      if (digits < 15) {
        mantissa = mantissa * 10 + digit;
        if (mantissa > 0) digits++;
      } else if (point === -1) return Number(bytes.toString('latin1', begin, end));
      else continue;
      if (point !== -1) point++;
    } else if (digit === -2 && point === -1) point = 0;
    else return Number(bytes.toString('latin1', begin, end));
  }
  return point <= 0
    ? mantissa
    : point <= 22
      ? mantissa / 10 ** point
      : Number(bytes.toString('latin1', begin, end));
}

function readFrame(text: string): Pick<Answer, 'warnings' | 'isPartial'> & { result: unknown[] } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new SourceError(
      'malformed',
      `The answer is not whole, or no answer of Prometheus: ${text.slice(0, 120)}`,
    );
  }
  const {
    status,
    error,
    warnings,
    infos: _infos,
    isPartial,
    data,
  } = (body ?? {}) as Record<string, unknown>;
  if (status !== 'success') {
    throw new SourceError('refused', `Prometheus refused the query: ${String(error ?? status)}`);
  }
  const { resultType, result } = (data ?? {}) as Record<string, unknown>;
  if (resultType !== 'vector' || !Array.isArray(result)) {
    throw new SourceError('malformed', `The answer is a ${String(resultType)}, not a vector.`);
  }
  const told = Array.isArray(warnings) ? warnings.map((each) => String(each).slice(0, 500)) : [];
  return { warnings: told.slice(0, 10), isPartial: isPartial === true, result };
}

/** @returns the row's time in milliseconds; null when it is no row */
function readWhole(row: unknown, onRow: OnRow): number | null {
  const { metric, value } = (row ?? {}) as { metric?: object; value?: [number, string] };
  if (!metric || !Array.isArray(value)) return null;
  const bytes = Buffer.from(JSON.stringify(metric));
  onRow(bytes, 1, bytes.length - 1, Number(value[1]));
  return value[0] * 1000;
}

/** The seconds before the comma of `1700000000.1,"0.25"`, in milliseconds. */
function timeAt(bytes: Buffer, from: number, end: number): number | null {
  const seconds = Number.parseFloat(bytes.toString('latin1', from, end));
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}
