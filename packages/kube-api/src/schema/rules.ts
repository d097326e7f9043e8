import type { Environment } from '@marcbachmann/cel-js';
import { canonical, own } from '../json/value.ts';
import type { FieldError } from '../status.ts';
import { isObject, type JsonObject, type JsonValue } from '../types.ts';
import { createRuleEnvironment } from './cel-functions.ts';
import type { CelRule, SchemaNode } from './node.ts';
import { BudgetSpent, withinMs } from './budget.ts';
import { isTrustedRule } from './pattern.ts';
import { typeOf } from './validate.ts';

interface RuleContext {
  self: unknown;
  oldSelf: unknown;
}

type Program = (context: RuleContext) => unknown;

let environment: Environment | undefined;
const programs = new Map<string, Program>();

/** @throws when the expression is not CEL, or calls what this server does not carry */
export function compileRule(rule: string): Program {
  const known = programs.get(rule);
  if (known !== undefined) return known;
  environment ??= createRuleEnvironment();
  const parsed = environment.parse(carried(rule));
  const check = parsed.check();
  if (check.valid === false) throw new Error(check.error?.message.split('\n')[0] ?? 'not valid');
  const program = (context: { self: unknown; oldSelf: unknown }) => parsed(context);
  programs.set(rule, program);
  return program;
}

/** Item fields in `has()`: `has(a[0].b)`. */
const hasOnItem =
  /\bhas\(([A-Za-z_][\w.]*\[[^\]]+\](?:\.[A-Za-z_]\w*|\[[^\]]+\])*)\.([A-Za-z_]\w*)\)/g;

/** What the library spells otherwise: `has` on items, and patterns in RE2's syntax. */
function carried(rule: string): string {
  return rule.replaceAll(hasOnItem, '$1.?$2.hasValue()').replaceAll('.matches(', '.matchesRe2(');
}

/** Evaluates x-kubernetes-validations; rules over oldSelf only when there is an old value. */
export function evaluateRules(
  value: JsonValue | undefined,
  old: JsonValue | undefined,
  node: SchemaNode,
): FieldError[] {
  const errors: FieldError[] = [];
  if (node.hasRules && value !== undefined && value !== null) {
    const budget: Budget = { leftMs: BUDGET_MS };
    walk(value, old, node, '', errors, budget);
    if (budget.leftMs <= 0) errors.push(spent);
  }
  return errors;
}

/** What all rules of one object that came through the API may take together. */
const BUDGET_MS = 500;

interface Budget {
  leftMs: number;
}

const spent: FieldError = {
  reason: 'FieldValueInvalid',
  field: '',
  message:
    '<nil>: Invalid value: null: validation failed due to running out of cost budget, no further validation rules will be run',
};

/** @throws BudgetSpent */
function run(rule: string, context: RuleContext, budget: Budget): unknown {
  const program = compileRule(rule);
  if (isTrustedRule(rule)) return program(context);
  if (budget.leftMs <= 0) throw new BudgetSpent('nothing is left');
  const began = performance.now();
  try {
    return withinMs(budget.leftMs, () => program(context));
  } finally {
    budget.leftMs -= performance.now() - began;
  }
}

function walk(
  value: JsonValue,
  old: JsonValue | undefined,
  node: SchemaNode,
  path: string,
  errors: FieldError[],
  budget: Budget,
): void {
  if (budget.leftMs <= 0) return;
  const cel = node.rules.length > 0 ? toCel(value, node) : undefined;
  for (const rule of node.rules) {
    const error = evaluate(rule, value, old, cel, node, path, budget);
    if (error !== undefined) errors.push(error);
  }
  if (Array.isArray(value)) {
    const { items } = node;
    if (items?.hasRules !== true) return;
    value.forEach((item, index) => {
      if (item === null) return;
      const before = correlate(item, old, node);
      walk(item, before, items, `${path}[${index}]`, errors, budget);
    });
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const child = node.properties?.get(key) ?? node.values;
      const inner = value[key];
      if (child?.hasRules !== true || inner === undefined || inner === null) continue;
      const before = isObject(old) ? own(old, key) : undefined;
      const where = path === '' ? key : `${path}.${key}`;
      walk(inner, before, child, where, errors, budget);
    }
  }
}

function correlate(
  item: JsonValue,
  old: JsonValue | undefined,
  node: SchemaNode,
): JsonValue | undefined {
  if (!Array.isArray(old) || node.listType !== 'map' || !isObject(item)) return undefined;
  return old.find(
    (candidate) =>
      isObject(candidate) &&
      node.listKeys.every((key) => canonical(candidate[key]) === canonical(item[key])),
  );
}

function evaluate(
  rule: CelRule,
  value: JsonValue,
  old: JsonValue | undefined,
  cel: unknown,
  node: SchemaNode,
  path: string,
  budget: Budget,
): FieldError | undefined {
  if (/\boldSelf\b/.test(rule.rule) && (old === undefined || old === null)) return undefined;
  const shown = typeOf(value);
  const failure = (message: string): FieldError => ({
    reason: rule.reason ?? 'FieldValueInvalid',
    field: fieldOf(path, rule.fieldPath),
    message: messageOf(rule.reason, shown, message),
  });
  const context = { self: cel, oldSelf: old === undefined ? undefined : toCel(old, node) };
  try {
    if (run(rule.rule, context, budget) === true) return undefined;
    return failure(explain(rule, context, budget));
  } catch (error) {
    if (error instanceof BudgetSpent) return undefined;
    return failure(`rule evaluation error: ${(error as Error).message.split('\n')[0]}`);
  }
}

function messageOf(reason: string | undefined, shown: JsonValue, message: string): string {
  if (reason === 'FieldValueRequired') return `Required value: ${message}`;
  if (reason === 'FieldValueForbidden') return `Forbidden: ${message}`;
  if (reason === 'FieldValueDuplicate') return `Duplicate value: ${JSON.stringify(shown)}`;
  return `Invalid value: ${JSON.stringify(shown)}: ${message}`;
}

function fieldOf(path: string, extra: string | undefined): string {
  if (extra === undefined) return path;
  return path === '' ? extra.replace(/^\./, '') : `${path}${extra}`;
}

function explain(rule: CelRule, context: RuleContext, budget: Budget): string {
  if (rule.messageExpression !== undefined) {
    try {
      const message = run(rule.messageExpression, context, budget);
      if (typeof message === 'string' && message !== '' && !message.includes('\n')) return message;
    } catch {
      // The fixed message serves.
    }
  }
  return rule.message ?? `failed rule: ${rule.rule}`;
}

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** Property names in rules, as the CRD reference spells them (`namespace` -> `__namespace__`). */
export function escapeName(name: string): string {
  if (reserved.has(name)) return `__${name}__`;
  if (!/[^A-Za-z0-9_]|__/.test(name)) return name;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

function toCel(value: JsonValue | undefined, node: SchemaNode | undefined): unknown {
  if (typeof value === 'number') {
    return Number.isInteger(value) && node?.type !== 'number' ? BigInt(value) : value;
  }
  if (typeof value === 'string') {
    return node?.checks?.format === 'date-time' ? new Date(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => toCel(item, node?.items));
  if (!isObject(value)) return value ?? null;
  const object: JsonObject = {};
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue;
    const property = node?.properties?.get(key);
    const name = property === undefined ? key : escapeName(key);
    object[name] = toCel(value[key], property ?? node?.values) as JsonValue;
  }
  return object;
}
