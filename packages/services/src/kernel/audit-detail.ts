const secretKeys = /^(token|secret|password|link|kubectl|ambit|manifestUrl|webhookUrl|routingKey)$/;
const longestText = 4_000;

/** An input fit for the audit log: secrets are replaced, long texts cut. */
export function auditDetail(value: unknown): Record<string, unknown> {
  return asRecord(clean(value, longestText, true));
}

/** An output fit to be kept for repeated requests: whole, but without its secrets. */
export function withoutSecrets(value: unknown): Record<string, unknown> {
  return asRecord(clean(value, Infinity));
}

const asRecord = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};

function clean(value: unknown, longest: number, shortUrls = false): unknown {
  if (typeof value === 'string') {
    return value.length > longest
      ? `${value.slice(0, longest)}… (${value.length} characters)`
      : value;
  }
  if (Array.isArray(value)) return value.map((inner) => clean(inner, longest, shortUrls));
  if (value === null || typeof value !== 'object') return value;
  // A header whose value is secret (integrations) says so beside it.
  const isSecret = 'secret' in value && value.secret === true;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      (secretKeys.test(key) || (isSecret && key === 'value')) && typeof inner === 'string'
        ? '(shown once)'
        : key === 'url' && shortUrls && typeof inner === 'string'
          ? originOf(inner)
          : clean(inner, longest, shortUrls),
    ]),
  );
}

/** The path and query of a webhook are often its key. */
const originOf = (url: string): string =>
  URL.canParse(url) ? `${new URL(url).origin}/…` : '(no address)';
