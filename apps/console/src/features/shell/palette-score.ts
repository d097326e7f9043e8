/**
 * How well an entry answers what was typed, 0 (not at all) to 1: every word has to begin a word of the entry, or stand
 * in one. Letters scattered over an id are no answer.
 * @param value the label first, then the hint and the id
 */
export function paletteScore(value: string, search: string): number {
  const text = value.toLowerCase();
  const words = search.toLowerCase().trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return 1;
  if (text.startsWith(words.join(' '))) return 1;
  const scores = words.map((word) => {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    return at === 0 ? 0.9 : /[\s/.-]/.test(text[at - 1] ?? '') ? 0.7 : 0.4;
  });
  return Math.min(...scores);
}
