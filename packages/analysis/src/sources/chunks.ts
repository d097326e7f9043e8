/** A document in a text. `line` is the one (from 1) that its text begins on. */
export type Chunk = { text: string; line: number; firstLine: number };

const separator = /^---[ \t]*(?:#.*)?\r?$/;

/**
 * Cuts a text at its lines "---", so that a broken document does not spoil the others. `firstLine` is the line
 * that istioctl names for the document: the first that is not empty.
 */
export function chunks(text: string): Chunk[] {
  const found: Chunk[] = [];
  let [start, line, at, current] = [0, 1, 0, 1];
  const add = (end: number): void => {
    const part = text.slice(start, end);
    if (part.trim() === '') return;
    const lead = /^(?:[ \t]*\r?\n)*/.exec(part)?.[0] ?? '';
    found.push({ text: part, line, firstLine: line + lead.split('\n').length - 1 });
  };
  while (at < text.length) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    if (text.startsWith('---', at) && separator.test(text.slice(at, end))) {
      add(at);
      start = end + 1;
      line = current + 1;
    }
    at = end + 1;
    current += 1;
  }
  add(text.length);
  return found;
}
