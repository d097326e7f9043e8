import { parseAllDocuments } from 'yaml';
import { isObject, type JsonObject, type JsonValue } from '../types.ts';
import type { Kind, KindVersion, PrinterColumn, ScalePaths } from './kind.ts';

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
const texts = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
const child = (value: JsonValue | undefined, key: string): JsonObject => {
  const found = isObject(value) ? value[key] : undefined;
  return isObject(found) ? found : {};
};

/**
 * Kinds from CustomResourceDefinitions in YAML or JSON (many documents, or a List); documents
 * of other kinds are passed over.
 */
export function kindsFromCrds(yaml: string): Kind[] {
  const kinds: Kind[] = [];
  const take = (value: JsonValue): void => {
    if (!isObject(value)) return;
    if (value.kind === 'CustomResourceDefinition') kinds.push(kindFromCrd(value));
    else if (text(value.kind).endsWith('List') && Array.isArray(value.items))
      value.items.forEach(take);
  };
  for (const document of parseAllDocuments(yaml)) take(document.toJS() as JsonValue);
  return kinds;
}

export function kindFromCrd(crd: JsonObject): Kind {
  const spec = child(crd, 'spec');
  const names = child(spec, 'names');
  const versions = (Array.isArray(spec.versions) ? spec.versions : []).filter(isObject);
  const kind = text(names.kind);
  return {
    group: text(spec.group),
    kind,
    listKind: text(names.listKind) === '' ? `${kind}List` : text(names.listKind),
    plural: text(names.plural),
    singular: text(names.singular) === '' ? kind.toLowerCase() : text(names.singular),
    shortNames: texts(names.shortNames),
    categories: texts(names.categories),
    namespaced: spec.scope === 'Namespaced',
    versions: versions.map(versionFromCrd).sort((a, b) => compareVersions(a.name, b.name)),
    crd,
  };
}

function versionFromCrd(version: JsonObject): KindVersion {
  const subresources = child(version, 'subresources');
  const schema = child(child(version, 'schema'), 'openAPIV3Schema');
  const columns = Array.isArray(version.additionalPrinterColumns)
    ? (version.additionalPrinterColumns as unknown as PrinterColumn[])
    : undefined;
  const selectable = Array.isArray(version.selectableFields)
    ? version.selectableFields.filter(isObject).map((field) => text(field.jsonPath))
    : undefined;
  return {
    name: text(version.name),
    served: version.served === true,
    storage: version.storage === true,
    schema,
    columns,
    status: isObject(subresources.status),
    scale: isObject(subresources.scale) ? (subresources.scale as unknown as ScalePaths) : undefined,
    selectableFields: selectable,
    deprecated: version.deprecated === true,
    deprecationWarning: text(version.deprecationWarning) || undefined,
  };
}

/** Newest first: v2 before v1, stable before beta before alpha, others last, by name. */
export function compareVersions(a: string, b: string): number {
  const left = rankVersion(a);
  const right = rankVersion(b);
  if (left === undefined || right === undefined) {
    if (left !== undefined) return -1;
    if (right !== undefined) return 1;
    return a < b ? -1 : Number(a > b);
  }
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return right[i]! - left[i]!;
  return 0;
}

function rankVersion(version: string): [number, number, number] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return undefined;
  const stage = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
  return [stage, Number(match[1]), Number(match[3] ?? 0)];
}
