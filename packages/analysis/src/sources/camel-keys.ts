/** Fields whose keys are names that a person chose, not fields. */
const mapsOfNames = new Set([
  'networks',
  'proxyMetadata',
  'runtimeValues',
  'customTags',
  'matchLabels',
  'labels',
]);

const camel = (key: string): string =>
  key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** A mesh configuration with the fields as JSON spells them (`root_namespace` is `rootNamespace`): both are legal. */
export function camelKeys(value: unknown, areNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => camelKeys(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = areNames ? key : camel(key);
      return [name, camelKeys(inner, !areNames && mapsOfNames.has(name))];
    }),
  );
}
