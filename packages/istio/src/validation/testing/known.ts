type Known = { reason: string; words: RegExp };

/** Refusals of ours that istiod makes on some runs only; each says why. */
const known: Known[] = [
  {
    reason:
      'overlap by a wildcard in distribute[].to shows only when the Go map yields the wildcard first',
    words: /^spec\..*localityLbSetting\.distribute\[\d+\]\.to: .* overlaps another locality$/,
  },
  {
    reason:
      'a second authority header is seen only when the Go map does not yield one with an empty value first',
    words:
      /^spec\.http\[\d+\]\.headers\.request\.(set|add).*: the authority is already rewritten; do it once$/,
  },
];

/** Whether a disagreement comes from the order of a Go map alone. */
export function isKnown(difference: string, refusals: string[]): boolean {
  return (
    difference === 'we refuse' &&
    refusals.every((refusal) => known.some(({ words }) => words.test(refusal)))
  );
}
