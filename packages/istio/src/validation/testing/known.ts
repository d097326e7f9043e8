/** Disagreements that are Istio's own doing; each says why. */
const known: { reason: string; applies: (document: object, difference: string) => boolean }[] = [];

export function knownDisagreement(document: object, difference: string): boolean {
  return known.some(({ applies }) => applies(document, difference));
}
