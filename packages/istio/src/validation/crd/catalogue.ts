import { isPlainObject } from '../shared/json.ts';

/** The schema of a kind for the versions that share it. */
export type CrdSchema = {
  group: string;
  kind: string;
  versions: string[];
  schema: Record<string, unknown>;
};

/** Everything but the descriptions (`description` may also be a field's name: then it is an object). */
function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => !(key === 'description' && typeof item === 'string'))
      .map(([key, item]) => [key, withoutDescriptions(item)]),
  );
}

const record = (value: unknown): Record<string, unknown> => (isPlainObject(value) ? value : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The schemas of the CustomResourceDefinitions among some objects; versions with equal schemas become one entry. */
export function readCrds(objects: unknown[]): CrdSchema[] {
  const found = new Map<string, CrdSchema>();
  for (const object of objects.map(record)) {
    if (object['kind'] !== 'CustomResourceDefinition') continue;
    const spec = record(object['spec']);
    const kind = String(record(spec['names'])['kind']);
    for (const version of list(spec['versions']).map(record)) {
      if (version['served'] !== true) continue;
      const schema = withoutDescriptions(record(version['schema'])['openAPIV3Schema']);
      const key = `${kind}.${String(spec['group'])} ${JSON.stringify(schema)}`;
      const entry = found.get(key);
      if (entry) entry.versions.push(String(version['name']));
      else {
        const versions = [String(version['name'])];
        found.set(key, { group: String(spec['group']), kind, versions, schema: record(schema) });
      }
    }
  }
  return [...found.values()];
}
