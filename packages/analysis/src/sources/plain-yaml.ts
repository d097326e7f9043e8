import { plainValue } from '@ambit/istio/validation/text/scalar';
import { NotPlain } from './not-plain.ts';
import { FlowReader } from './plain-yaml-flow.ts';

/**
 * A reader for the YAML that people and tools write for Kubernetes: block maps and lists, scalars on one line, literal
 * blocks, flow collections, JSON. It is many times faster than a complete one. What goes beyond (anchors, tags, folded
 * text, scalars over several lines, duplicate keys, anything malformed) it gives up on, and the complete reader
 * decides.
 */
export type PlainYaml = {
  value: unknown;
  /** For each map and list: of its entries, the line of the key (or item) and that of the value. Only when asked. */
  marks: Marks | undefined;
};

export type Marks = Map<object, Record<string | number, readonly [number, number]>>;

const newline = 10;
const space = 32;
const hash = 35;
const dash = 45;
const colon = 58;

/** Characters that a plain key or scalar may begin with without a second look. */
const plainStart = /[A-Za-z0-9_./$\\(^<=+;~]/;

/** Keys as written and as read: documents have the same ones over and over. */
const knownKeys = new Map<string, string>();
const maxKnownKeys = 10_000;

class Reader {
  readonly text: string;
  readonly marks: Marks | undefined;
  readonly flow: FlowReader;
  /** The current line: its number, indentation, where its content begins, and where it ends. */
  line = 0;
  indent = -1;
  at = 0;
  end = -1;
  depth = 0;

  constructor(text: string, marks: Marks | undefined) {
    this.text = text;
    this.marks = marks;
    this.flow = new FlowReader(text, marks);
  }

  /** Goes to the next line that has content; `indent` is -1 at the end of the text. */
  next(): void {
    const { text } = this;
    let start = this.end + 1;
    for (;;) {
      if (start >= text.length) {
        this.indent = -1;
        this.end = text.length;
        return;
      }
      this.line += 1;
      let at = start;
      while (text.charCodeAt(at) === space) at += 1;
      let end = text.indexOf('\n', at);
      if (end < 0) end = text.length;
      const code = text.charCodeAt(at);
      if (at < end && code !== hash) {
        if (code === 9) throw new NotPlain();
        this.indent = at - start;
        this.at = at;
        this.end = end;
        return;
      }
      start = end + 1;
    }
  }

  mark(container: object, key: string | number, keyLine: number, valueLine: number): void {
    if (!this.marks) return;
    let entries = this.marks.get(container);
    if (!entries) this.marks.set(container, (entries = {}));
    entries[key] = [keyLine, valueLine];
  }

  isDash(): boolean {
    const { text, at, end } = this;
    if (text.charCodeAt(at) !== dash) return false;
    return at + 1 === end || text.charCodeAt(at + 1) === space;
  }

  block(): unknown {
    this.depth += 1;
    if (this.depth > 100) throw new NotPlain();
    const value = this.isDash() ? this.sequence(this.indent) : this.mapping(this.indent);
    this.depth -= 1;
    return value;
  }

  /** Where the colon after the key at `at` is; -1 when there is no key there. Looks no further than the line. */
  keyEnd(): number {
    const { text, at, end } = this;
    const code = text.charCodeAt(at);
    if (code === 123 || code === 91) return -1;
    if (code === 34 || code === 39) {
      const line = text.slice(at, end);
      const close = line.indexOf(line[0] as string, 1);
      return close > 0 && line.charCodeAt(close + 1) === colon ? at + close + 1 : -1;
    }
    for (let place = at; place < end; place += 1) {
      if (text.charCodeAt(place) !== colon) continue;
      if (place + 1 === end || text.charCodeAt(place + 1) === space) return place;
    }
    return -1;
  }

  key(at: number, colonAt: number): string {
    const written = this.text.slice(at, colonAt);
    const known = knownKeys.get(written);
    if (known !== undefined) return known;
    const key = readKey(written);
    if (knownKeys.size < maxKnownKeys) knownKeys.set(written, key);
    return key;
  }

  mapping(indent: number): Record<string, unknown> {
    const { text } = this;
    const object: Record<string, unknown> = {};
    while (this.indent === indent && !this.isDash()) {
      const { line } = this;
      const colonAt = this.keyEnd();
      if (colonAt < 0) throw new NotPlain();
      const key = this.key(this.at, colonAt);
      // Also what every object has (`constructor`): rare enough for the complete reader.
      if (object[key] !== undefined) throw new NotPlain();
      let at = colonAt + 1;
      while (at < this.end && text.charCodeAt(at) === space) at += 1;
      if (at === this.end || text.charCodeAt(at) === hash) {
        this.next();
        const isBelow = this.indent > indent || (this.indent === indent && this.isDash());
        const valueLine = isBelow ? this.line : line;
        object[key] = isBelow ? this.block() : null;
        this.mark(object, key, line, valueLine);
      } else {
        object[key] = this.inline(at, indent);
        this.mark(object, key, line, line);
      }
    }
    if (this.indent > indent) throw new NotPlain();
    return object;
  }

  sequence(indent: number): unknown[] {
    const { text } = this;
    const list: unknown[] = [];
    while (this.indent === indent && this.isDash()) {
      const { line } = this;
      const start = this.at;
      let at = start + 1;
      while (at < this.end && text.charCodeAt(at) === space) at += 1;
      let valueLine = line;
      let value: unknown = null;
      if (at >= this.end || text.charCodeAt(at) === hash) {
        this.next();
        if (this.indent > indent) {
          valueLine = this.line;
          value = this.block();
        }
      } else {
        this.at = at;
        if (this.isDash()) throw new NotPlain();
        if (this.keyEnd() >= 0) {
          this.indent = indent + (at - start);
          value = this.block();
        } else value = this.inline(at, indent);
      }
      this.mark(list, list.length, valueLine, valueLine);
      list.push(value);
    }
    if (this.indent > indent) throw new NotPlain();
    return list;
  }

  /** The value that begins at `at`, in a line of a collection with this indentation; goes to the line after it. */
  inline(at: number, indent: number): unknown {
    const { text, end } = this;
    const first = text[at] as string;
    if (first === '|') return this.literal(at, indent);
    if (first === '{' || first === '[') {
      const read = this.flow.collection(at, this.line, indent);
      this.line = read.line;
      const lineEnd = text.indexOf('\n', read.at);
      this.end = lineEnd < 0 ? text.length : lineEnd;
      this.afterValue(read.at);
      return this.alone(read.value, indent);
    }
    if (first === '"' || first === "'") {
      const read = this.flow.quoted(at);
      if (read.at > end) throw new NotPlain();
      this.afterValue(read.at);
      return this.alone(read.value, indent);
    }
    return this.alone(readPlain(text.slice(at, this.plainEnd(at))), indent);
  }

  /** Where the plain scalar that begins at `at` ends: before a comment and the spaces before it. */
  plainEnd(at: number): number {
    const { text, end } = this;
    let last = at;
    for (let place = at; place < end; place += 1) {
      const code = text.charCodeAt(place);
      if (code === space) continue;
      if (code === hash && place > at && text.charCodeAt(place - 1) === space) break;
      if (code === 9) throw new NotPlain();
      if (code === colon && (place + 1 === end || text.charCodeAt(place + 1) === space)) {
        throw new NotPlain();
      }
      last = place + 1;
    }
    return last;
  }

  /** Nothing but a comment may follow a quoted value or a flow collection on its line. */
  afterValue(at: number): void {
    let rest = at;
    while (rest < this.end && this.text.charCodeAt(rest) === space) rest += 1;
    if (rest === this.end) return;
    if (this.text.charCodeAt(rest) !== hash || rest === at) throw new NotPlain();
  }

  /** A deeper line after a scalar would continue it. */
  alone(value: unknown, indent: number): unknown {
    this.next();
    if (this.indent > indent) throw new NotPlain();
    return value;
  }

  literal(at: number, indent: number): string {
    const { text } = this;
    const header = text.slice(at, this.end).trimEnd();
    if (header !== '|' && header !== '|-' && header !== '|+') throw new NotPlain();
    const lines: string[] = [];
    let inner = -1;
    let start = this.end + 1;
    let line = this.line;
    let last = this.end;
    while (start < text.length) {
      let end = text.indexOf('\n', start);
      if (end < 0) end = text.length;
      let content = start;
      while (content < end && text.charCodeAt(content) === space) content += 1;
      const width = content - start;
      if (content === end) {
        if (inner < 0 && width > 0) throw new NotPlain();
        lines.push(width > inner && inner >= 0 ? text.slice(start + inner, end) : '');
      } else {
        if (inner < 0) {
          if (width <= indent) break;
          inner = width;
        } else if (width < inner) {
          if (width > indent) throw new NotPlain();
          break;
        }
        lines.push(text.slice(start + inner, end));
      }
      line += 1;
      last = end;
      start = end + 1;
    }
    this.line = line;
    this.end = last;
    this.next();
    return chomp(
      lines,
      header,
      last >= text.length && text.charCodeAt(text.length - 1) !== newline,
    );
  }
}

function chomp(lines: string[], header: string, isCut: boolean): string {
  // The last line of a text without a final newline, and spaces at the end of it, are for the complete reader.
  if (isCut) throw new NotPlain();
  let count = lines.length;
  while (count > 0 && lines[count - 1] === '') count -= 1;
  if (count === 0) throw new NotPlain();
  if (header === '|+') return `${lines.join('\n')}\n`;
  const text = lines.slice(0, count).join('\n');
  return header === '|-' ? text : `${text}\n`;
}

function readKey(written: string): string {
  const first = written[0] as string;
  if (first === '"' || first === "'") {
    const inner = written.slice(1, -1);
    if (inner.includes('\\') || inner.includes(first) || inner.includes('\n') || inner === '') {
      throw new NotPlain();
    }
    return refuseProto(inner);
  }
  if (!plainStart.test(first) || first === '~' || / #|\t|\s$/.test(written)) throw new NotPlain();
  const value = plainValue(written);
  if (value === null || written === '<<') throw new NotPlain();
  return refuseProto(String(value));
}

function refuseProto(key: string): string {
  if (key === '__proto__') throw new NotPlain();
  return key;
}

/** A plain scalar of one line (see `plainEnd`), with its type. */
function readPlain(written: string): unknown {
  const first = written.charCodeAt(0);
  // Letters, and digits, begin nothing else.
  const isWord =
    (first >= 97 && first <= 122) || (first >= 65 && first <= 90) || (first >= 48 && first <= 57);
  if (!isWord && !/^(?:[_./$\\(^<=+;~)]|-[^\s]|[^\p{ASCII}])/u.test(written)) throw new NotPlain();
  const value = plainValue(written);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new NotPlain();
  return value;
}

/** Reads one document, or gives undefined when it is not plain. */
export function readPlainYaml(text: string, withMarks: boolean): PlainYaml | undefined {
  // Carriage returns, byte order marks and lines that begin or end documents are for the complete reader.
  if (/[\r\uFEFF\uE000\u0085\u2028\u2029]|^(?:---|\.\.\.|%)/m.test(text)) return undefined;
  const marks: Marks | undefined = withMarks ? new Map() : undefined;
  const reader = new Reader(text, marks);
  try {
    reader.next();
    if (reader.indent < 0) return { value: null, marks };
    const first = text[reader.at];
    const value = first === '{' || first === '[' ? reader.inline(reader.at, -1) : reader.block();
    return reader.indent < 0 ? { value, marks } : undefined;
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}
