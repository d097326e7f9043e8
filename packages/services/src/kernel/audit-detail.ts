const secretKeys = /^(token|secret|password|link|kubectl|ambit|manifestUrl)$/;
const longestText = 4_000;

/** An input fit for the audit log: secrets are replaced, long texts cut. */
export function auditDetail(value: unknown): Record<string, unknown> {
  return asRecord(clean(value, longestText));
}

/** An output fit to be kept for repeated requests: whole, but without its secrets. */
export function withoutSecrets(value: unknown): Record<string, unknown> {
  return asRecord(clean(value, Infinity));
}

const asRecord = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};

function clean(value: unknown, longest: number): unknown {
  if (typeof value === 'string') {
    return value.length > longest
      ? `${value.slice(0, longest)}… (${value.length} characters)`
      : value;
  }
  if (Array.isArray(value)) return value.map((inner) => clean(inner, longest));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      secretKeys.test(key) && typeof inner === 'string' ? '(shown once)' : clean(inner, longest),
    ]),
  );
}
