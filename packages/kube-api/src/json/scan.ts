/**
 * What JSON.parse does not tell: nesting depth, duplicate keys and prototype keys. The text is
 * looked at once, before it is parsed; text that is not JSON is left to JSON.parse to refuse.
 */
export interface JsonScan {
  depth: number;
  /** Dotted paths of keys that occur twice in one object. */
  duplicates: string[];
  /** A key named `__proto__` occurs. */
  prototypeKey: boolean;
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const COLON = 58;
const COMMA = 44;

interface Frame {
  keys: Set<string> | undefined;
  first: string | undefined;
  second: string | undefined;
  key: string;
  index: number;
}

const pathOf = (stack: Frame[], depth: number, key: string): string => {
  let path = '';
  for (let i = 0; i < depth - 1; i++) {
    const frame = stack[i]!;
    if (frame.index >= 0) path += `[${frame.index}]`;
    else path += path === '' ? frame.key : `.${frame.key}`;
  }
  return path === '' ? key : `${path}.${key}`;
};

/** Scans until `maxDepth` is passed; `depth` is then `maxDepth + 1`. */
export function scanJson(text: string, maxDepth: number): JsonScan {
  const stack: Frame[] = [];
  const duplicates: string[] = [];
  let prototypeKey = false;
  let depth = 0;
  let deepest = 0;
  let keyNext = false;
  const length = text.length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      const start = i + 1;
      let end = text.indexOf('"', start);
      while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH && escaped(text, end)) {
        end = text.indexOf('"', end + 1);
      }
      if (end < 0) break;
      i = end;
      if (!keyNext) continue;
      keyNext = false;
      const frame = stack[depth - 1]!;
      const key = unescapeKey(text.slice(start, end));
      if (key === '__proto__') prototypeKey = true;
      frame.key = key;
      if (isDuplicate(frame, key)) duplicates.push(pathOf(stack, depth, key));
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth++;
      if (depth > deepest) deepest = depth;
      if (depth > maxDepth) break;
      const index = code === OPEN_BRACKET ? 0 : -1;
      const frame = stack[depth - 1];
      if (frame === undefined)
        stack.push({ keys: undefined, first: undefined, second: undefined, key: '', index });
      else {
        frame.keys = undefined;
        frame.first = undefined;
        frame.second = undefined;
        frame.index = index;
      }
      keyNext = index < 0;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth--;
      keyNext = false;
      if (depth < 0) break;
    } else if (code === COMMA) {
      const frame = stack[depth - 1];
      if (depth <= 0 || frame === undefined) break;
      if (frame.index >= 0) frame.index++;
      else keyNext = true;
    } else if (code === COLON) {
      keyNext = false;
    }
  }
  return { depth: deepest, duplicates, prototypeKey };
}

/** Small objects are compared by hand; only the third key makes a set. */
function isDuplicate(frame: Frame, key: string): boolean {
  if (frame.keys !== undefined) {
    if (frame.keys.has(key)) return true;
    frame.keys.add(key);
    return false;
  }
  if (frame.first === undefined) {
    frame.first = key;
    return false;
  }
  if (frame.first === key || frame.second === key) return true;
  if (frame.second === undefined) {
    frame.second = key;
    return false;
  }
  frame.keys = new Set([frame.first, frame.second, key]);
  return false;
}

function escaped(text: string, quote: number): boolean {
  let slashes = 0;
  for (let i = quote - 1; i >= 0 && text.charCodeAt(i) === BACKSLASH; i--) slashes++;
  return slashes % 2 === 1;
}

function unescapeKey(raw: string): string {
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}
