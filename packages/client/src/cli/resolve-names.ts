import { catalogue } from '@ambit/contracts/catalogue';
import { idPrefixes, type IdKind } from '@ambit/contracts/ids';
import type { OperationContract } from '@ambit/contracts/operation';
import type { Connection } from './shell.ts';
import { UsageError } from './usage-error.ts';

/** Kinds whose things have a name that is unique in their organisation. */
const lists: Partial<Record<IdKind, OperationContract>> = {
  mesh: catalogue.mesh.list,
  cluster: catalogue.cluster.list,
  project: catalogue.project.list,
  integration: catalogue.integration.list,
};

/**
 * Replaces names by ids wherever an input takes ids of meshes, clusters, projects or integrations: `--mesh-id shop`.
 * @throws UsageError when nothing has the name
 */
export async function resolveNames(
  connection: Connection,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const entries = Object.entries(input).map(async ([field, value]): Promise<[string, unknown]> => {
    const kind = /^(\w+?)Ids?$/.exec(field)?.[1] as IdKind | undefined;
    if (!kind || !lists[kind]) return [field, value];
    const one = (name: unknown) =>
      typeof name === 'string' ? idOf(connection, kind, name) : Promise.resolve(name);
    return [field, Array.isArray(value) ? await Promise.all(value.map(one)) : await one(value)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function idOf(connection: Connection, kind: IdKind, name: string): Promise<string> {
  const list = lists[kind];
  if (!list || name.startsWith(`${idPrefixes[kind]}_`)) return name;
  const names: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = (await connection.call(list, { limit: 500, cursor: cursor ?? undefined })) as {
      items: { id: string; name: string }[];
      nextCursor: string | null;
    };
    const found = page.items.find((item) => item.name === name);
    if (found) return found.id;
    names.push(...page.items.map((item) => item.name));
    cursor = page.nextCursor;
  }
  throw new UsageError(
    `there is no ${kind} "${name}"`,
    names.length > 0 ? `There are: ${names.slice(0, 20).join(', ')}.` : `There is no ${kind} yet.`,
  );
}
