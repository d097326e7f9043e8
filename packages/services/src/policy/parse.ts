import type { Issue } from '@ambit/contracts/errors';
import { kubeObjectSchema, type KubeObject } from '@ambit/contracts/common';
import { findKind, kindRefusal, splitApiVersion } from '@ambit/istio/kinds';
import { identity } from '@ambit/istio/bundle/order';
import { isManagedByOptions } from '@ambit/istio/values';
import { LineCounter, parseAllDocuments, type Document } from 'yaml';

const mostDocuments = 500;
const mostAliases = 100;

/** One object of the text, with the part of the text it was written in. */
export interface ParsedPolicy {
  object: KubeObject;
  group: string;
  namespace: string;
  yaml: string;
}

export interface Parsed {
  policies: ParsedPolicy[];
  issues: Issue[];
}

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * Reads policies from YAML of one or more documents. Pure. Every problem is told with its line, nothing is guessed:
 * no duplicate keys, no kinds but Istio's and Gateway API's, a namespace where one belongs.
 */
export function parsePolicies(text: string): Parsed {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true });
  const issues: Issue[] = [];
  const policies: ParsedPolicy[] = [];
  const seen = new Map<string, number>();
  let from = 0;
  for (const document of Array.isArray(documents) ? documents : []) {
    const [start, , end] = document.range;
    const own = text.slice(from, end);
    from = end;
    const line = lineOf(lines, document, start);
    const problems = syntaxIssues(document);
    if (problems.length > 0) {
      issues.push(...problems);
      continue;
    }
    const read = readDocument(document, line);
    if ('issue' in read) issues.push(read.issue);
    if (!('value' in read) || read.value === null) continue;
    const checked = checkObject(read.value, line);
    issues.push(...checked.issues);
    if (!checked.object) continue;
    const key = identity(checked.object);
    const before = seen.get(key);
    if (before !== undefined) {
      issues.push(at(line, `the same object stands at line ${before} already`));
      continue;
    }
    seen.set(key, line);
    policies.push({
      object: checked.object,
      group: splitApiVersion(checked.object.apiVersion).group,
      namespace: checked.object.metadata.namespace ?? '',
      yaml: withoutMarker(own),
    });
  }
  if (policies.length > mostDocuments) {
    issues.push(at(1, `${policies.length} documents at once; at most ${mostDocuments} are taken`));
  }
  if (policies.length === 0 && issues.length === 0) issues.push(at(1, 'there is no object in it'));
  return { policies, issues };
}

const at = (line: number, message: string): Issue => ({
  path: 'yaml',
  message: `line ${line}: ${message}`,
  line,
});

function lineOf(lines: LineCounter, document: Document, start: number): number {
  const from = document.contents?.range?.[0] ?? start;
  return lines.linePos(from).line;
}

function syntaxIssues(document: Document): Issue[] {
  return document.errors.map((error) => {
    const where = error.linePos?.[0] ?? { line: 1, col: 1 };
    const [message = error.message] = error.message.split(' at line ');
    return {
      path: 'yaml',
      message: `line ${where.line}, column ${where.col}: ${message}`,
      line: where.line,
    };
  });
}

function readDocument(document: Document, line: number): { value: unknown } | { issue: Issue } {
  try {
    return { value: document.toJS({ maxAliasCount: mostAliases }) ?? null };
  } catch {
    return { issue: at(line, `more than ${mostAliases} uses of aliases; write the values out`) };
  }
}

function checkObject(value: unknown, line: number): { object?: KubeObject; issues: Issue[] } {
  if (typeof value !== 'object' || Array.isArray(value)) {
    return { issues: [at(line, 'expected a Kubernetes object')] };
  }
  const parsed = kubeObjectSchema.safeParse(value);
  if (!parsed.success) {
    return {
      issues: parsed.error.issues.map((issue) => {
        const path = issue.path.join('.');
        return { ...at(line, `${path}: ${issue.message}`), path: path || 'yaml' };
      }),
    };
  }
  const object = withoutServerFields(parsed.data);
  const { apiVersion, kind, metadata } = object;
  const refusal = kindRefusal(apiVersion, kind);
  if (refusal) return { issues: [at(line, refusal)] };
  const issues: Issue[] = [];
  if (metadata.name.length > 253 || !subdomain.test(metadata.name)) {
    issues.push(
      at(line, `metadata.name: "${metadata.name}" is not a name Kubernetes takes (RFC 1123)`),
    );
  }
  const known = findKind(splitApiVersion(apiVersion).group, kind);
  if (known?.namespaced) {
    const { namespace } = metadata;
    if (!namespace) issues.push(at(line, `metadata.namespace: ${kind} lives in a namespace`));
    else if (namespace.length > 63 || !label.test(namespace)) {
      issues.push(at(line, `metadata.namespace: "${namespace}" is not a name Kubernetes takes`));
    }
  } else if (metadata.namespace) {
    issues.push(at(line, `metadata.namespace: ${kind} does not live in a namespace`));
  }
  if (isManagedByOptions({ kind, name: metadata.name, namespace: metadata.namespace ?? '' })) {
    issues.push(
      at(line, "this object is managed by the mesh's option mtls; set that, or take another name"),
    );
  }
  return { object, issues };
}

const serverFields = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
]);

/** What a cluster writes into an object is not part of a wish (`kubectl get -o yaml` has it). */
function withoutServerFields(object: KubeObject): KubeObject {
  const { status: _status, ...wish } = object as KubeObject & { status?: unknown };
  return {
    ...wish,
    metadata: Object.fromEntries(
      Object.entries(object.metadata).filter(([key]) => !serverFields.has(key)),
    ) as KubeObject['metadata'],
  };
}

function withoutMarker(text: string): string {
  return `${text.replace(/^(\s*---[^\n]*\n)+/, '').trim()}\n`;
}
