import { type FieldSet, fromFieldsV1, isEmpty, toFieldsV1 } from '../fields/set.ts';
import { isObject, type JsonValue, type ManagedFieldsEntry } from '../types.ts';

/** Who owns which fields: one entry of metadata.managedFields. */
export interface Manager {
  name: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource: string;
  time: string | undefined;
  fields: FieldSet;
}

/** Managers by identity. */
export type Managers = Map<string, Manager>;

/** Appliers are one whatever version they speak; updaters are told apart by version too. */
export function identityOf(manager: Omit<Manager, 'fields' | 'time'>): string {
  const version = manager.operation === 'Apply' ? '' : manager.apiVersion;
  return JSON.stringify([manager.operation, manager.name, version, manager.subresource]);
}

/** metadata.managedFields as a client sent it; undefined when it is not well formed. */
export function decodeManagers(entries: JsonValue | undefined): Managers | undefined {
  const managers: Managers = new Map();
  if (entries === undefined || entries === null) return managers;
  if (!Array.isArray(entries)) return undefined;
  for (const entry of entries) {
    if (!isObject(entry)) return undefined;
    const { operation, fieldsType, manager, apiVersion, subresource, time } =
      entry as ManagedFieldsEntry;
    if ((operation !== 'Apply' && operation !== 'Update') || fieldsType !== 'FieldsV1')
      return undefined;
    const decoded: Manager = {
      name: manager ?? '',
      operation,
      apiVersion: apiVersion ?? '',
      subresource: subresource ?? '',
      time,
      fields: fromFieldsV1(entry.fieldsV1),
    };
    managers.set(identityOf(decoded), decoded);
  }
  return managers;
}

/** `[{}]`: the client asks that ownership be forgotten. */
export const isReset = (entries: JsonValue | undefined): boolean =>
  Array.isArray(entries) &&
  entries.length === 1 &&
  isObject(entries[0]) &&
  Object.keys(entries[0]).length === 0;

export function encodeManagers(managers: Managers): ManagedFieldsEntry[] | undefined {
  const kept = [...managers.values()].filter((manager) => !isEmpty(manager.fields));
  if (kept.length === 0) return undefined;
  return kept.sort(byOperationAndTime).map((manager) => ({
    apiVersion: manager.apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(manager.fields),
    manager: manager.name,
    operation: manager.operation,
    ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
    ...(manager.time === undefined ? {} : { time: manager.time }),
  }));
}

function byOperationAndTime(a: Manager, b: Manager): number {
  const left = [a.operation, a.time ?? '', a.name, a.apiVersion, a.subresource];
  const right = [b.operation, b.time ?? '', b.name, b.apiVersion, b.subresource];
  for (let i = 0; i < left.length; i++) {
    if (left[i] !== right[i]) return left[i]! < right[i]! ? -1 : 1;
  }
  return 0;
}

/** Most updaters an object remembers; older ones melt into one entry, as upstream. */
const MAX_UPDATERS = 10;

export function capUpdaters(
  managers: Managers,
  merge: (a: FieldSet, b: FieldSet) => FieldSet,
): void {
  const updaters = [...managers].filter(([, manager]) => manager.operation === 'Update');
  if (updaters.length <= MAX_UPDATERS) return;
  updaters.sort(([, a], [, b]) => byOperationAndTime(a, b));
  for (const [identity, manager] of updaters.slice(0, updaters.length - MAX_UPDATERS + 1)) {
    const ancient: Manager = { ...manager, name: 'ancient-changes' };
    const target = identityOf(ancient);
    const present = managers.get(target);
    managers.delete(identity);
    managers.set(target, {
      ...ancient,
      fields: present === undefined ? manager.fields : merge(present.fields, manager.fields),
    });
  }
}
