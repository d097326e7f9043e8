import type {
  AuthorizationPolicy,
  Condition,
  Operation,
  Rule,
  Source,
} from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { show, some } from '../shared/json.ts';
import { checkAttachment } from '../shared/selector.ts';
import { conditionProblem } from './authorization/condition.ts';
import {
  emptyProblem,
  ipsProblem,
  pathsProblem,
  portsProblem,
  serviceAccountsProblem,
  trustDomainsProblem,
} from './authorization/values.ts';
import type { Check, Subject } from './subject.ts';

type ValuesCheck = (values: string[]) => string | undefined;

const both = (field: string): string[] => [
  field,
  `not${field.slice(0, 1).toUpperCase()}${field.slice(1)}`,
];
const spread = (checks: Record<string, ValuesCheck[]>): [string, ValuesCheck[]][] =>
  Object.entries(checks).flatMap(([field, check]) =>
    both(field).map((name): [string, ValuesCheck[]] => [name, check]),
  );

const sourceChecks = spread({
  principals: [emptyProblem],
  requestPrincipals: [emptyProblem],
  namespaces: [emptyProblem],
  serviceAccounts: [serviceAccountsProblem],
  ipBlocks: [emptyProblem, ipsProblem],
  remoteIpBlocks: [emptyProblem, ipsProblem],
  trustDomains: [trustDomainsProblem],
}) as [keyof Source, ValuesCheck[]][];
const operationChecks = spread({
  hosts: [emptyProblem],
  ports: [emptyProblem, portsProblem],
  methods: [emptyProblem],
  paths: [emptyProblem, pathsProblem],
}) as [keyof Operation, ValuesCheck[]][];

/** Source fields that a CUSTOM action cannot match on. */
const identityFields = sourceChecks
  .map(([field]) => field)
  .filter((field) => !/ipblocks/i.test(field));
const identityKeys = [
  'source.namespace',
  'source.serviceAccount',
  'source.trustDomain',
  'source.principal',
];
/** Fields that a TCP connection has too; trust domains and request principals are not among them. */
const tcpFields = sourceChecks
  .map(([field]) => field)
  .filter((field) => !/requestprincipals|trustdomains/i.test(field));

function checkFields<Values extends Partial<Record<string, string[]>>>(
  report: Report,
  path: string,
  values: Values,
  checks: [keyof Values & string, ValuesCheck[]][],
): void {
  if (checks.every(([field]) => !some(values[field]))) report.error(path, 'set at least one field');
  for (const [field, list] of checks) {
    for (const check of list) report.need(`${path}.${field}`, check(values[field] ?? []));
  }
}

function checkSource(report: Report, path: string, source: Source, isCustom: boolean): void {
  checkFields(report, path, source, sourceChecks);
  const hasAccounts = some(source.serviceAccounts) || some(source.notServiceAccounts);
  const rivals = ['principals', 'notPrincipals', 'namespaces', 'notNamespaces'] as const;
  if (hasAccounts && rivals.some((field) => some(source[field]))) {
    report.error(path, 'serviceAccounts cannot be combined with principals or namespaces');
  }
  for (const field of isCustom ? identityFields : []) {
    if (some(source[field])) report.error(`${path}.${field}`, 'not supported with action CUSTOM');
  }
}

function checkWhen(report: Report, path: string, condition: Condition, isCustom: boolean): void {
  const { key = '' } = condition;
  if (isCustom && (identityKeys.includes(key) || key.startsWith('request.auth.'))) {
    report.error(`${path}.key`, `${show(key)} is not supported with action CUSTOM`);
  }
  if (key === '') report.error(path, 'a key is needed');
  else if (!some(condition.values) && !some(condition.notValues)) {
    report.error(path, 'set values, notValues or both');
  } else {
    report.need(`${path}.values`, conditionProblem(key, condition.values ?? []));
    report.need(`${path}.notValues`, conditionProblem(key, condition.notValues ?? []));
  }
}

function isHttpOnly(rule: Rule): boolean {
  const sources = (rule.from ?? []).flatMap(({ source }) => (source ? [source] : []));
  const operations = (rule.to ?? []).flatMap(({ operation }) => (operation ? [operation] : []));
  const sourceIsTcp = sources.some((source) => tcpFields.some((field) => some(source[field])));
  const operationIsTcp = operations.some(({ ports, notPorts }) => some(ports) || some(notPorts));
  return operations.length > 0 ? !operationIsTcp : sources.length > 0 && !sourceIsTcp;
}

function checkRule(report: Report, path: string, rule: Rule, action: string | number): void {
  const isCustom = action === 'CUSTOM';
  for (const [index, { source }] of (rule.from ?? []).entries()) {
    const at = `${path}.from[${index}]`;
    if (source) checkSource(report, `${at}.source`, source, isCustom);
    else report.error(at, 'a source is needed');
  }
  for (const [index, { operation }] of (rule.to ?? []).entries()) {
    const at = `${path}.to[${index}]`;
    if (operation) checkFields(report, `${at}.operation`, operation, operationChecks);
    else report.error(at, 'an operation is needed');
  }
  for (const [index, condition] of (rule.when ?? []).entries()) {
    checkWhen(report, `${path}.when[${index}]`, condition, isCustom);
  }
  if (action === 'DENY' && isHttpOnly(rule)) {
    report.warn(
      path,
      'it looks only at HTTP attributes, so on TCP ports it denies everything; name the ports',
    );
  }
}

function checkAction(report: Report, { spec }: Subject<AuthorizationPolicy>): void {
  const { action = 'ALLOW', rules, provider } = spec;
  if ((action === 'CUSTOM' || action === 'DENY') && !rules) {
    report.error(
      'spec',
      `${action} without rules never applies; use an empty rule, {}, to match every request`,
    );
  } else if (action === 'CUSTOM' && !provider?.name) {
    report.error('spec.provider', 'CUSTOM needs the name of a provider');
  }
  if (provider && action !== 'CUSTOM') {
    report.error('spec.provider', `only action CUSTOM takes a provider, not ${action}`);
  }
}

export const checkAuthorizationPolicy: Check<AuthorizationPolicy> = (subject, report) => {
  const { spec } = subject;
  checkAttachment(report, 'spec', spec);
  checkAction(report, subject);
  for (const [index, rule] of (spec.rules ?? []).entries()) {
    checkRule(report, `spec.rules[${index}]`, rule, spec.action ?? 'ALLOW');
  }
};
