import type { Issue } from '@ambit/istio/validation/issue';
import { parts } from '@ambit/istio/validation/path';
import { decodeSpec } from '@ambit/istio/validation/spec';
import { findKind } from './kinds.ts';
import type { Kind, KindName } from './kinds.ts';
import type { Labels } from './kubernetes.ts';
import type { Origin, Path, Resource } from './resource.ts';
import { conform } from './shape/conform.ts';
import { metadataShape, shapes, statusShape } from './shape/shapes.ts';

/** Why an object cannot be taken into a snapshot. */
export type Problem = { message: string; path: Path };

export type ReadObject =
  | { resource: Resource }
  /** A kind that no rule knows. */
  | { unknownKind: string }
  | { problems: Problem[]; kind: Kind | undefined; namespace: string; name: string };

export type ReadOptions = {
  cluster?: string;
  origin?: Origin;
  /** For namespaced objects that name none; empty leaves it open, as Istio's analysis does with files. */
  defaultNamespace?: string;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const none: Labels = Object.freeze({});

function readLabels(value: unknown, path: Path, problems: Problem[]): Labels {
  if (value === undefined || value === null) return none;
  if (!isObject(value)) {
    problems.push({ message: 'a map of texts is needed here', path });
    return none;
  }
  for (const key in value) {
    if (typeof value[key] === 'string' || value[key] === null) continue;
    problems.push({ message: `the value of "${key}" must be text`, path: [...path, key] });
    return none;
  }
  return conform({ map: 'text' }, value, path, () => undefined) as Labels;
}

function readText(value: unknown, path: Path, problems: Problem[]): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  problems.push({ message: 'text is needed here', path });
  return '';
}

/** Kubernetes' own kinds as the API would take them; what it would refuse is a problem. */
function readSpec(kind: Kind, object: Record<string, unknown>, problems: Problem[]): unknown {
  const isWhole = withoutSpec.has(kind.name);
  const written = isWhole ? object : (object['spec'] ?? {});
  const path = isWhole ? [] : ['spec'];
  return conform(shapes[kind.name] ?? anyObject, written, path, (place, message) =>
    problems.push({ path: place, message }),
  );
}

/** Kinds that are read whole. */
const withoutSpec = new Set<KindName>([
  'Secret',
  'ConfigMap',
  'EndpointSlice',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]);

const anyObject = { fields: {} };

const noProblems: readonly Problem[] = [];
const topLevel = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

/** Fields of an object of Istio that its kind does not have, beside the spec and in it. */
function unknownOf(object: Record<string, unknown>, inSpec: readonly Issue[]): readonly Problem[] {
  const beside = Object.keys(object).filter((key) => !topLevel.has(key));
  if (beside.length === 0 && inSpec.length === 0) return noProblems;
  return [
    ...beside.map((key) => ({ message: 'there is no such field beside spec', path: [key] })),
    ...inSpec.map(({ message, path }) => ({ message, path: parts(path) })),
  ];
}

/** Makes a resource of a Kubernetes object (parsed JSON or YAML). */
export function readObject(object: unknown, options: ReadOptions = {}): ReadObject {
  const problems: Problem[] = [];
  if (!isObject(object)) {
    problems.push({ message: 'a document must be an object', path: [] });
    return { problems, kind: undefined, namespace: '', name: '' };
  }
  const apiVersion = readText(object['apiVersion'], ['apiVersion'], problems);
  const word = readText(object['kind'], ['kind'], problems);
  if (apiVersion === '' || word === '') {
    problems.push({ message: 'apiVersion and kind are needed', path: [] });
    return { problems, kind: undefined, namespace: '', name: '' };
  }
  const kind = findKind(apiVersion, word);
  if (!kind) return { unknownKind: `${apiVersion} ${word}` };
  const metadata = object['metadata'] ?? {};
  if (!isObject(metadata)) {
    problems.push({ message: 'metadata must be an object', path: ['metadata'] });
    return { problems, kind, namespace: '', name: '' };
  }
  const name = readText(metadata['name'], ['metadata', 'name'], problems);
  const written = readText(metadata['namespace'], ['metadata', 'namespace'], problems);
  const namespace = kind.isClusterScoped ? '' : written || (options.defaultNamespace ?? '');
  const labels = readLabels(metadata['labels'], ['metadata', 'labels'], problems);
  const annotations = readLabels(metadata['annotations'], ['metadata', 'annotations'], problems);
  conform(metadataShape, metadata, ['metadata'], (path, message) =>
    problems.push({ path, message }),
  );
  let spec: unknown;
  let unknownFields: readonly Problem[] = noProblems;
  if (kind.isIstio) {
    const decoded = decodeSpec(kind.name, object['spec']);
    spec = decoded.spec;
    for (const { message, path } of decoded.errors) {
      problems.push({ message: `${path}: ${message}`, path: parts(path) });
    }
    unknownFields = unknownOf(object, decoded.unknownFields);
  } else spec = readSpec(kind, object, problems);
  const status = conform(statusShape, object['status'], ['status'], (path, message) =>
    problems.push({ path, message }),
  );
  if (problems.length > 0) return { problems, kind, namespace, name };
  const cluster = options.cluster ?? '';
  const resource = {
    id: `${cluster}|${kind.name}|${namespace}/${name}`,
    cluster,
    kind: kind.name,
    namespace,
    name,
    labels,
    annotations,
    spec,
    status,
    object,
    origin: options.origin,
    ...(unknownFields.length > 0 ? { unknownFields } : {}),
  };
  return { resource: resource as unknown as Resource };
}
