import { decodeMessage } from './decode/decode.ts';
import { createSchema } from './decode/schema.ts';
import istioTable from './generated/istio.json' with { type: 'json' };
import { createReport } from './issue.ts';
import type { Issue, Report, Source, Verdict } from './issue.ts';
import { kindOf } from './kinds/catalogue.ts';
import type { KindEntry } from './kinds/catalogue.ts';
import { checkAnnotations } from './kinds/annotations.ts';
import type { Subject } from './kinds/subject.ts';
import { checkMetadata } from './metadata.ts';
import { child } from './path.ts';
import { isPlainObject, show } from './shared/json.ts';

/** Checks an object by its CustomResourceDefinition; undefined when it has none for it. */
export type StructuralCheck = (object: Record<string, unknown>) => Issue[] | undefined;

export type Options = {
  /** Finds lines of paths, when the object was read from a text. */
  source?: Source;
  /** The release's CRDs, see `crd/`; without them only Istio's own checks are made. */
  structural?: StructuralCheck;
  /** The namespace of objects that name none. */
  defaultNamespace?: string;
};

const schema = createSchema(istioTable);
const topLevel = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

function stringMap(value: unknown): Record<string, string> {
  if (!isPlainObject(value)) return {};
  const entries = Object.entries(value);
  return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')
    ? Object.fromEntries(entries)
    : {};
}

function subjectOf(
  object: Record<string, unknown>,
  spec: unknown,
  namespace: string,
): Subject<never> {
  const metadata = isPlainObject(object['metadata']) ? object['metadata'] : {};
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    name: text(metadata['name']),
    namespace: text(metadata['namespace']) || namespace,
    labels: stringMap(metadata['labels']),
    annotations: stringMap(metadata['annotations']),
    spec: spec as never,
  };
}

/** The webhook's part: strict decode, annotations, the kind's own checks. */
function checkByIstio(object: Record<string, unknown>, entry: KindEntry, options: Options): Report {
  const report = createReport('istio', options.source);
  for (const key of Object.keys(object)) {
    if (!topLevel.has(key)) report.error(child('', key), 'there is no such field beside spec');
  }
  const ctx = { schema, report, unknownField: report.error };
  const type = schema.find(entry.message) ?? 0;
  const spec = decodeMessage(ctx, type, object['spec'] ?? null, 'spec');
  if (report.errors.length > 0) return report;
  const subject = subjectOf(object, spec, options.defaultNamespace ?? 'default');
  if (checkAnnotations(report, subject, entry.kind)) entry.check(subject, report);
  return report;
}

function refused(message: string, source: Source | undefined): Verdict {
  const report = createReport('document', source);
  report.error('', message);
  return { errors: report.errors, warnings: [] };
}

/**
 * Validates one object as the Kubernetes API and Istio's webhook do together. Kinds that are not Istio's are
 * checked by their CRD if `structural` has one, and else taken as they are.
 */
export function validate(object: unknown, options: Options = {}): Verdict {
  const { source, structural } = options;
  if (!isPlainObject(object)) return refused(`an object is needed, not ${show(object)}`, source);
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !apiVersion || !kind) {
    return refused('apiVersion and kind are needed', source);
  }
  const basics = createReport('schema', source);
  const entry = kindOf(apiVersion, kind);
  const found = structural?.(object);
  if (entry || found) checkMetadata(basics, object);
  if (entry && !entry.versions.includes(apiVersion.slice(apiVersion.indexOf('/') + 1))) {
    basics.error(
      'apiVersion',
      `${kind} has no version ${show(apiVersion)}; use ${entry.group}/${entry.versions[0]}`,
    );
  }
  const bySchema = (found ?? []).map((issue) => ({ ...issue, line: source?.lineOf(issue.path) }));
  const byIstio = entry ? checkByIstio(object, entry, options) : undefined;
  return {
    errors: [...basics.errors, ...bySchema, ...(byIstio?.errors ?? [])],
    warnings: byIstio?.warnings ?? [],
  };
}
