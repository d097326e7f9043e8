export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const utf8 = new TextEncoder();

/** The length in UTF-8 bytes, as Go counts it. */
export function byteLength(text: string): number {
  return utf8.encode(text).length;
}

function written(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return 'a value that is nested too deep to show';
  }
}

/** A value for a message: JSON, cut to a readable length. */
export function show(value: unknown): string {
  const text = written(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Whether the list has any item; an unset list has none. */
export function some(list: { length: number } | undefined): boolean {
  return list !== undefined && list.length > 0;
}

/** Whether the text has ASCII control characters other than those in `allowed`. */
export function hasControl(text: string, allowed = ''): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 || code === 0x7f) && !allowed.includes(text[at] ?? '')) return true;
  }
  return false;
}
