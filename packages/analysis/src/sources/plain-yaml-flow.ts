import { plainValue } from '@ambit/istio/validation/text/scalar';
import type { Marks } from './plain-yaml.ts';
import { NotPlain } from './not-plain.ts';

export type FlowRead = { value: unknown; at: number; line: number };

/** Reads flow collections (`{a: 1}`, `[1, 2]`, JSON), over several lines too. Throws NotPlain. */
export class FlowReader {
  readonly text: string;
  readonly marks: Marks | undefined;
  at = 0;
  line = 0;
  indent = -1;
  depth = 0;

  constructor(text: string, marks: Marks | undefined) {
    this.text = text;
    this.marks = marks;
  }

  /** The collection that begins at `at`; lines of it must be deeper than `indent`. */
  collection(at: number, line: number, indent: number): FlowRead {
    this.at = at;
    this.line = line;
    this.indent = indent;
    this.depth = 0;
    const value = this.value();
    return { value, at: this.at, line: this.line };
  }

  skip(): void {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === 32) this.at += 1;
      else if (code === 10) {
        this.line += 1;
        this.at += 1;
        const start = this.at;
        while (text.charCodeAt(this.at) === 32) this.at += 1;
        const isBlank = text.charCodeAt(this.at) === 10;
        if (!isBlank && this.at - start <= this.indent) throw new NotPlain();
      } else return;
    }
  }

  value(): unknown {
    const first = this.text[this.at];
    if (first === '{') return this.map();
    if (first === '[') return this.list();
    if (first === '"' || first === "'") {
      const read = this.quoted(this.at);
      this.at = read.at;
      return read.value;
    }
    return this.plain();
  }

  /** A quoted scalar on one line. */
  quoted(at: number): { value: string; at: number } {
    const { text } = this;
    const quote = text[at] as string;
    let end = at + 1;
    for (;;) {
      const code = text.charCodeAt(end);
      if (Number.isNaN(code) || code === 10) throw new NotPlain();
      if (quote === '"' && code === 92) end += 2;
      else if (text[end] !== quote) end += 1;
      else if (quote === "'" && text[end + 1] === "'") end += 2;
      else break;
    }
    const inner = text.slice(at + 1, end);
    if (quote === "'") return { value: inner.replaceAll("''", "'"), at: end + 1 };
    if (!inner.includes('\\')) return { value: inner, at: end + 1 };
    try {
      return { value: JSON.parse(`"${inner}"`) as string, at: end + 1 };
    } catch {
      throw new NotPlain();
    }
  }

  /** A plain scalar inside a collection: ends before `,`, `]`, `}` and at the end of the line. */
  plain(): unknown {
    const { text } = this;
    const start = this.at;
    while (this.at < text.length && !/[,[\]{}\n]/.test(text[this.at] as string)) {
      const code = text.charCodeAt(this.at);
      if (code === 58 && /[\s,[\]{}]/.test(text[this.at + 1] ?? ' ')) break;
      if (code === 35 && text.charCodeAt(this.at - 1) === 32) throw new NotPlain();
      this.at += 1;
    }
    const written = text.slice(start, this.at).trimEnd();
    if (!/^(?:[A-Za-z0-9_./$\\(^<=+;~)]|-[^\s,[\]{}])/.test(written) || written.includes('\t')) {
      throw new NotPlain();
    }
    // A scalar that goes on in the next line, or an address like 2001:db8::, is for the complete reader.
    if (text[this.at] === '\n') {
      const next = /^\s*(.)/.exec(text.slice(this.at, this.at + 400))?.[1];
      if (next !== ',' && next !== ']' && next !== '}') throw new NotPlain();
    }
    if (written.endsWith(':') || written.includes(': ')) throw new NotPlain();
    const value = plainValue(written);
    if (typeof value === 'number' && !Number.isFinite(value)) throw new NotPlain();
    return value;
  }

  mark(container: object, key: string | number, line: number, valueLine: number): void {
    if (!this.marks) return;
    let entries = this.marks.get(container);
    if (!entries) this.marks.set(container, (entries = {}));
    entries[key] = [line, valueLine];
  }

  deeper(): void {
    this.depth += 1;
    if (this.depth > 100) throw new NotPlain();
    this.at += 1;
    this.skip();
  }

  map(): Record<string, unknown> {
    const { text } = this;
    const object: Record<string, unknown> = {};
    this.deeper();
    while (text[this.at] !== '}') {
      const { line } = this;
      const first = text[this.at];
      if (first === '{' || first === '[' || first === undefined) throw new NotPlain();
      const key = this.value();
      if (key === null || String(key) === '__proto__' || key === '<<') throw new NotPlain();
      this.skip();
      if (text[this.at] !== ':' || this.line !== line) throw new NotPlain();
      this.at += 1;
      this.skip();
      if (text[this.at] === ',' || text[this.at] === '}') throw new NotPlain();
      const name = String(key);
      if (Object.hasOwn(object, name)) throw new NotPlain();
      const valueLine = this.line;
      object[name] = this.value();
      this.mark(object, name, line, valueLine);
      this.comma('}');
    }
    this.at += 1;
    this.depth -= 1;
    return object;
  }

  list(): unknown[] {
    const { text } = this;
    const list: unknown[] = [];
    this.deeper();
    while (text[this.at] !== ']') {
      if (this.at >= text.length) throw new NotPlain();
      const { line } = this;
      const value = this.value();
      this.mark(list, list.length, line, line);
      list.push(value);
      this.comma(']');
    }
    this.at += 1;
    this.depth -= 1;
    return list;
  }

  comma(close: string): void {
    this.skip();
    if (this.text[this.at] === ',') {
      this.at += 1;
      this.skip();
      // Two commas, or one before nothing, mean other things to different readers.
      if (this.text[this.at] === ',') throw new NotPlain();
    } else if (this.text[this.at] !== close) throw new NotPlain();
  }
}
