/** A document in a text. */
export type Chunk = {
  text: string;
  /** The line (from 1) that its text begins on. */
  line: number;
  /** The line that istioctl names for the document: the first that is not empty. */
  firstLine: number;
  /**
   * What istioctl adds to the lines of fields. Its reader keeps a "---" that nothing stood before as part of the
   * document, and counts it twice; and it takes lines of spaces for the beginning.
   */
  istioShift: number;
  /** Whether that "---" is there, so that istioctl does not take the document for JSON. */
  isMarked: boolean;
};

const separator = /^---[ \t]*(?:#.*)?\r?$/;
const bareSeparator = /^---\s*$/;

/** A byte order mark is no space to Istio's reader. */
const isBlank = /^[ \t\v\f\r\u0085\u00a0]*$/;

/**
 * Cuts a text at its lines "---", so that a broken document does not spoil the others.
 * @param parity as istioctl's reader: a comment behind "---" makes it no separator, so the document behind it is lost
 */
export function chunks(text: string, parity = false): Chunk[] {
  const ending = parity ? bareSeparator : separator;
  const found: Chunk[] = [];
  let [start, line, at, current] = [0, 1, 0, 1];
  /** The first line that is not empty; the line where trimmed text begins, as istioctl's reader has it. */
  let [firstLine, trimmedLine] = [0, 0];
  let wasKept = false;
  const add = (end: number): void => {
    const part = text.slice(start, end);
    if (part.trim() === '') return;
    const istioShift = firstLine - trimmedLine;
    found.push({ text: part, line, firstLine, istioShift, isMarked: wasKept });
  };
  while (at < text.length) {
    let end = at;
    while (end < text.length && text.charCodeAt(end) !== 10) end += 1;
    if (
      text.charCodeAt(at) === 45 &&
      text.startsWith('---', at) &&
      ending.test(text.slice(at, end))
    ) {
      add(at);
      const isKept: boolean = start === at && !wasKept && bareSeparator.test(text.slice(at, end));
      wasKept = isKept;
      start = end + 1;
      line = current + 1;
      const isBare = /^---\r?$/.test(text.slice(at, end));
      firstLine = parity && isKept && !isBare ? current : 0;
      trimmedLine = isKept ? current : 0;
    } else if (firstLine === 0 || trimmedLine === 0) {
      const content = text.slice(at, end).replace(/\r$/, '');
      if (firstLine === 0 && content !== '') firstLine = current;
      if (trimmedLine === 0 && !isBlank.test(content)) trimmedLine = current;
    }
    at = end + 1;
    current += 1;
  }
  add(text.length);
  return found;
}
