import { compileRoot } from '@ambit/kube-api/schema/compile';
import { applyDefaults } from '@ambit/kube-api/schema/default';
import type { SchemaNode } from '@ambit/kube-api/schema/node';
import { prune } from '@ambit/kube-api/schema/prune';
import { compileRule, evaluateRules } from '@ambit/kube-api/schema/rules';
import { validate } from '@ambit/kube-api/schema/validate';
import type { JsonObject } from '@ambit/kube-api/types';
import type { CrdSchema } from '@ambit/istio/validation/crd/catalogue';
import type { Issue } from '@ambit/istio/validation/issue';
import type { StructuralCheck } from '@ambit/istio/validation/validate';

const wording: [RegExp, (parts: string[]) => string][] = [
  [
    /must be of type ([\w,-]+): "?(\w+)"?$/,
    ([, wanted, found]) => `must be ${wanted}, not ${found}`,
  ],
  [/should match '(.*)'$/, ([, pattern]) => `does not match ${pattern}`],
  [/at least one schema \(anyOf\)/, () => 'fits none of its alternatives'],
  [/\(oneOf\)\. Found none valid/, () => 'fits none of its alternatives, and must fit one'],
  [/\(oneOf\)\. Found \d+ valid/, () => 'sets several alternatives, of which only one can be set'],
  [/must not validate the schema/, () => 'sets what cannot be combined'],
  [
    /^Unsupported value: (.*): supported values: (.*)$/s,
    ([, found, values]) => `${found} is not possible; use one of ${values}`,
  ],
  [/^Required value$/, () => 'is needed'],
  [/^(?:Invalid value|Forbidden|Required value)(?:: "?\w*"?)?: (.*)$/s, ([, rest = '']) => rest],
];

function reword(message: string): string {
  for (const [pattern, text] of wording) {
    const found = pattern.exec(message);
    if (found) return text([...found]);
  }
  return message;
}

function check(object: Record<string, unknown>, node: SchemaNode): Issue[] {
  const value = withoutNulls(object) as JsonObject;
  // A status that is no object is dropped with the rest of it when an object is created.
  if (typeof value['status'] !== 'object') delete value['status'];
  const unknown = prune(value, node);
  applyDefaults(value, node);
  const errors = validate(value, node);
  const rules = errors.length === 0 ? evaluateRules(value, undefined, node) : [];
  return [
    ...unknown.map((path) => ({
      path,
      message: 'there is no such field',
      layer: 'schema' as const,
    })),
    ...[...errors, ...rules].map(({ field, message }) => ({
      path: field,
      message: reword(message),
      layer: 'schema' as const,
    })),
  ];
}

/** The CEL engine takes no index inside has(); `in` asks the same. */
const indexedHas = /\bhas\(([A-Za-z_][\w.]*\[\d+\](?:\.\w+)*?)\.(\w+)\)/g;

/** Rules on URLs: the engine reads URLs as a browser, Kubernetes as Go, and the webhook checks the same in full. */
const onUrls = /\b(?:isURL|url)\(/;

type Rule = { rule: string };

function carriedRules(rules: Rule[]): Rule[] {
  return rules
    .filter(({ rule }) => !onUrls.test(rule))
    .map((entry) => ({ ...entry, rule: entry.rule.replace(indexedHas, '("$2" in $1)') }))
    .filter(({ rule }) => {
      try {
        return compileRule(rule);
      } catch {
        return false;
      }
    });
}

/** Formats of whole numbers: kube-apiserver 1.34 does not hold numbers to them. */
const numberFormats = new Set<unknown>(['int32', 'int64', 'uint32', 'uint64']);

/** The schema with its CEL rules spelled for the engine; those it cannot carry are left out. */
function carried(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(carried);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === 'format' && numberFormats.has(value)))
      .map(([key, value]) => [
        key,
        key === 'x-kubernetes-validations' && Array.isArray(value)
          ? carriedRules(value as Rule[])
          : carried(value),
      ]),
  );
}

/** A copy without the fields that are null: kube-apiserver takes them as unset. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item)]),
  );
}

/** Checks objects as the Kubernetes API does by these CRDs: unknown fields, types, values, CEL rules. */
export function structuralCheck(crds: CrdSchema[]): StructuralCheck {
  const nodes = new Map<CrdSchema, SchemaNode>();
  return (object) => {
    const [group, version = ''] = String(object['apiVersion']).split('/');
    const crd = crds.find(
      (entry) =>
        entry.kind === object['kind'] && entry.group === group && entry.versions.includes(version),
    );
    if (!crd) return undefined;
    const node = nodes.get(crd) ?? compileRoot(carried(crd.schema) as JsonObject);
    nodes.set(crd, node);
    return check(object, node);
  };
}
