import { readPath } from './json-path.ts';
import type { ResourceVersion } from './kinds/registry.ts';
import type { JsonObject, JsonValue, KubeObject } from './types.ts';

export interface TableOptions {
  includeObject: 'None' | 'Metadata' | 'Object';
  /** Columns are left out of all but the first table of a watch. */
  columns: boolean;
}

const nameColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  priority: 0,
};
const ageColumn = {
  name: 'Age',
  type: 'date',
  format: '',
  description: 'Time since the object was created.',
  priority: 0,
};

/** A meta.k8s.io/v1 Table, as kubectl asks for to print rows. */
export function toTable(
  objects: KubeObject[],
  version: ResourceVersion,
  metadata: JsonObject,
  options: TableOptions,
  now: Date,
): JsonObject {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: options.columns ? columnsOf(version) : null,
    rows: objects.map((object) => ({
      cells: cellsOf(object, version, now),
      object: rowObject(object, options.includeObject),
    })),
  };
}

function columnsOf(version: ResourceVersion): JsonValue[] {
  const { computedColumns, columns } = version.source;
  const own = (computedColumns ?? columns)?.map((column) => ({
    name: column.name,
    type: column.type,
    format: column.format ?? '',
    description: column.description ?? '',
    priority: column.priority ?? 0,
  }));
  return [nameColumn, ...(own ?? [ageColumn])];
}

function cellsOf(object: KubeObject, version: ResourceVersion, now: Date): JsonValue[] {
  const name = object.metadata.name ?? '';
  const { computedColumns, columns } = version.source;
  if (computedColumns !== undefined) {
    return [name, ...computedColumns.map((column) => column.cell(object, now))];
  }
  if (columns !== undefined) {
    return [
      name,
      ...columns.map(({ jsonPath, type }) => cell(readPath(object, jsonPath), type, now)),
    ];
  }
  return [name, age(object.metadata.creationTimestamp, now)];
}

function cell(found: JsonValue[], type: string, now: Date): JsonValue {
  const value = found.length > 1 ? found : found[0];
  if (value === undefined) return null;
  switch (type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return typeof value === 'object' ? null : value;
    case 'date':
      return age(typeof value === 'string' ? value : undefined, now);
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
}

function rowObject(object: KubeObject, include: TableOptions['includeObject']): JsonObject | null {
  if (include === 'None') return null;
  return include === 'Object' ? object : toPartial(object);
}

export function toPartial(object: KubeObject): KubeObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  };
}

/** `5s`, `3m20s`, `4h`, `12d`, `2y45d`, as kubectl prints ages. */
export function age(timestamp: string | undefined, now: Date): string {
  if (timestamp === undefined) return '<unknown>';
  const seconds = Math.floor((now.getTime() - Date.parse(timestamp)) / 1000);
  if (Number.isNaN(seconds)) return '<invalid>';
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  return humanDuration(seconds);
}

function humanDuration(seconds: number): string {
  const two = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
    small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return two(days, 'd', hours % 24, 'h');
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return days < 365 * 8 ? two(years, 'y', days % 365, 'd') : `${years}y`;
}
