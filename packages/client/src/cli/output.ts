import { stringify } from 'yaml';
import { kebab } from './names.ts';

export const formats = ['table', 'json', 'yaml'] as const;
export type Format = (typeof formats)[number];

type Row = Record<string, unknown>;

/** Columns of a list, by domain; other lists show their first plain fields. */
const columns: Record<string, readonly string[]> = {
  cluster: ['name', 'state', 'kubernetesVersion', 'agentVersion', 'mesh', 'lastSeenAt', 'id'],
  mesh: ['name', 'profile', 'activeRelease', 'status', 'clusters', 'workloads', 'policies', 'id'],
  operation: ['title', 'target', 'state', 'reason', 'createdAt', 'id'],
  policy: ['kind', 'namespace', 'name', 'version', 'author', 'updatedAt', 'id'],
  release: ['version', 'channel', 'kubernetes', 'endOfLife', 'supported', 'meshes'],
  member: ['name', 'email', 'role', 'createdAt', 'id'],
  token: ['name', 'role', 'hint', 'expiresAt', 'lastUsedAt', 'revokedAt', 'id'],
  enrolment: ['clusterName', 'namespace', 'kind', 'name', 'wanted', 'truth', 'state'],
  proxy: ['clusterName', 'namespace', 'pod', 'kind', 'version', 'ready', 'inSync'],
  integration: ['name', 'kind', 'address', 'clusterName', 'meshName', 'status', 'id'],
  topology: ['from', 'to', 'protocol', 'perSecond', 'errors', 'p95', 'mutualTls', 'health'],
  audit: ['at', 'actor', 'door', 'action', 'target', 'outcome'],
};

/** An answer as text, ending with a line break. */
export function format(value: unknown, as: Format, domain: string): string {
  if (as === 'json') return `${JSON.stringify(value, null, 2)}\n`;
  if (as === 'yaml') return stringify(value);
  if (isList(value)) return list(value, domain);
  if (isRow(value)) return details(value);
  return `${cell(value)}\n`;
}

/** Its rows, then what else the answer tells of them: warnings, findings. */
function list({ items, ...rest }: { items: Row[] } & Row, domain: string): string {
  const rows = items.map((row) => {
    const { [domain]: inner, ...more } = row;
    return isRow(inner) ? { ...inner, ...more } : row;
  });
  const also = Object.entries(rest).flatMap(([key, value]) =>
    Array.isArray(value) && value.length > 0 && value.every(isRow)
      ? [`\n${key}:\n${indented(table(value), '  ')}`]
      : [],
  );
  return [table(rows, columns[domain]), ...also].join('');
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: unknown): value is { items: Row[] } & Row =>
  isRow(value) && Array.isArray(value['items']) && value['items'].every(isRow);

/** Rows under upper-case headings, two spaces apart. */
export function table(rows: Row[], wanted?: readonly string[]): string {
  if (rows.length === 0) return 'none\n';
  // Some verbs of a domain list other things than the domain's own.
  const isThere = (key: string) => rows.some((row) => key in row);
  const keys = wanted?.every(isThere)
    ? [...wanted, ...['change'].filter(isThere)]
    : Object.keys(rows[0]!)
        .filter((key) => !isRow(rows[0]![key]) && !Array.isArray(rows[0]![key]))
        .slice(0, 7);
  const lines = [
    keys.map((key) => kebab(key).replaceAll('-', ' ').toUpperCase()),
    ...rows.map((row) =>
      keys.map((key, at) => oneLine(cell(row[key]), at === keys.length - 1 ? Infinity : 60)),
    ),
  ];
  const widths = keys.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function details(value: Row, indent = ''): string {
  const width = Math.max(...Object.keys(value).map((key) => key.length), 0) + 2;
  return Object.entries(value)
    .map(([key, inner]) => {
      const label = `${indent}${`${key}:`.padEnd(width)}`;
      if (Array.isArray(inner) && inner.length > 0 && inner.every(isRow)) {
        return `${indent}${key}:\n${indented(table(inner), `${indent}  `)}`;
      }
      if (isRow(inner) && Object.values(inner).some((part) => typeof part === 'object')) {
        return `${indent}${key}:\n${details(inner, `${indent}  `)}`;
      }
      const text = cell(inner);
      return text.includes('\n')
        ? `${indent}${key}:\n${indented(`${text.trimEnd()}\n`, `${indent}  `)}`
        : `${label} ${text}\n`;
    })
    .join('');
}

const indented = (text: string, by: string): string => text.replaceAll(/^(?=.)/gm, by);

/** What stands last in its row is not cut: it is where sentences stand. */
const oneLine = (text: string, most: number): string => {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};

/** One value in few words: a named thing by its name, counts and pairs as `key value`. */
function cell(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cell).join(', ');
  if (isRow(value)) {
    if (typeof value['name'] === 'string') return value['name'];
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${cell(inner)}`)
      .join(', ');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
