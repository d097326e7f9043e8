/** Matchers of one selector; empty ones are none. */
export const allOf = (...matchers: readonly string[]): string =>
  matchers.filter((text) => text !== '').join(',');

/** A text inside the quotes of a PromQL string. */
export const quote = (text: string): string =>
  text.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));

/** A text that a regular expression takes literally. */
export const regexOf = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
