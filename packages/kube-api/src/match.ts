import { readPath } from './json-path.ts';
import type { ResourceVersion } from './kinds/registry.ts';
import { decodeObject } from './object-bytes.ts';
import {
  type FieldRequirement,
  fieldText,
  type Labels,
  type LabelSelector,
  parseFieldSelector,
  parseLabelSelector,
} from './selectors.ts';
import { badRequest } from './status.ts';
import type { StoredObject } from './store/store.ts';
import { isObject, type JsonObject } from './types.ts';

/** Which objects a list or watch is about; undefined selects all. */
export type Matcher = (object: StoredObject) => boolean;

export interface Selection {
  matches: Matcher | undefined;
  /** A field selector pins metadata.name. */
  name: string | undefined;
  /** A field selector pins metadata.namespace. */
  namespace: string | undefined;
}

/** Labels of objects that a selector has looked at: parsing is the costly part. */
const labelsSeen = new WeakMap<StoredObject, Labels>();
const none: Labels = {};

function labelsOf(stored: StoredObject): Labels {
  let labels = labelsSeen.get(stored);
  if (labels === undefined) {
    labels = stored.bytes.includes('"labels":') ? readLabels(decodeObject(stored)) : none;
    labelsSeen.set(stored, labels);
  }
  return labels;
}

const readLabels = ({ metadata }: JsonObject): Labels =>
  isObject(metadata) && isObject(metadata.labels) ? (metadata.labels as Labels) : none;

/** The selectors of a query. @throws ApiError 400 for selectors that do not parse or fields nobody indexes */
export function selection(query: URLSearchParams, version: ResourceVersion): Selection {
  const labelText = query.get('labelSelector') ?? '';
  const fieldSelector = query.get('fieldSelector') ?? '';
  const labels = labelText === '' ? undefined : parseLabelSelector(labelText);
  const fields = fieldSelector === '' ? [] : parseFieldSelector(fieldSelector);
  const selectable = new Set(version.source.selectableFields);
  for (const { field } of fields) {
    if (
      field !== 'metadata.name' &&
      field !== 'metadata.namespace' &&
      !selectable.has(`.${field}`)
    ) {
      throw badRequest(`field label not supported: ${field}`);
    }
  }
  const pinned = (field: string): string | undefined =>
    fields.find((requirement) => requirement.field === field && requirement.equals)?.value;
  return {
    matches: matcherOf(labels, fields),
    name: pinned('metadata.name'),
    namespace: pinned('metadata.namespace'),
  };
}

function matcherOf(
  labels: LabelSelector | undefined,
  fields: FieldRequirement[],
): Matcher | undefined {
  if (labels === undefined && fields.length === 0) return undefined;
  const keyed = fields.filter(({ field }) => field.startsWith('metadata.name'));
  const read = fields.filter(({ field }) => !field.startsWith('metadata.name'));
  return (stored) => {
    for (const { field, equals, value } of keyed) {
      const actual = field === 'metadata.name' ? stored.key.name : stored.key.namespace;
      if ((actual === value) !== equals) return false;
    }
    if (labels !== undefined && !labels(labelsOf(stored))) return false;
    if (read.length === 0) return true;
    const object = decodeObject(stored);
    return read.every(
      ({ field, equals, value }) =>
        (fieldText(readPath(object, `.${field}`)[0]) === value) === equals,
    );
  };
}
