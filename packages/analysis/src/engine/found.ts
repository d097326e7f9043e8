import type { Draft, Finding, Severity } from '../finding.ts';
import type { Path, Resource } from '../resource.ts';
import { kindWord, resourceName } from '../resource.ts';
import type { Rule } from '../rule.ts';
import { mergeSame } from './merge-same.ts';
import type { Also } from './merge-same.ts';

/** What a check reported, before it is told. */
export type Found = {
  rule: Rule;
  subject: Resource;
  draft: Draft;
  /** The draft's path as text. */
  place: string;
  ordinal: number;
};

const plainStep = /^[A-Za-z_@][\w-]*$/;

/** `spec.http[0].route`, `metadata.annotations["a.b/c"]`. */
export function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!plainStep.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** 64 bits of FNV-1a as hexadecimal digits. */
export function hash(text: string): string {
  let [low, high] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193) >>> 0;
    high = Math.imul(high ^ (code + at), 0x85ebca6b) >>> 0;
  }
  return low.toString(16).padStart(8, '0') + high.toString(16).padStart(8, '0');
}

const severityOf = ({ draft, rule }: Found): Severity => draft.severity ?? rule.severity;

function lineOf(found: Found, parity: boolean): number | undefined {
  const { origin } = found.subject;
  if (!origin) return undefined;
  const { path, istioPath } = found.draft;
  if (!parity) return path ? origin.lineOf(path) : origin.line;
  return (istioPath && origin.istioLineOf(istioPath)) ?? origin.istioLine;
}

/** The finding as it is told; finds its line, so it is not for free. */
export function tell(found: Found, parity: boolean): Finding {
  const { rule, subject, draft, place: path, ordinal } = found;
  const resource = resourceName(subject);
  const place = `${rule.code}\n${subject.id}\n${path}\n${draft.key ?? ''}\n${ordinal}`;
  return {
    id: `${rule.code}-${hash(place)}`,
    code: rule.code,
    severity: severityOf(found),
    message: draft.message,
    resource,
    kind: kindWord(subject.kind),
    namespace: subject.namespace,
    name: subject.name,
    ...(subject.cluster === '' ? {} : { cluster: subject.cluster }),
    path,
    ...(subject.origin ? { file: subject.origin.file, line: lineOf(found, parity) } : {}),
    cause: draft.cause ?? rule.cause,
    consequence: draft.consequence ?? rule.consequence,
    ...(draft.fix ? { fix: draft.fix } : {}),
    link: rule.link ?? defaultLink(rule.code),
  };
}

function defaultLink(code: string): string {
  if (code.startsWith('IST')) {
    return `https://istio.io/latest/docs/reference/config/analysis/${code.toLowerCase()}/`;
  }
  if (code.startsWith('KIA')) {
    return `https://kiali.io/docs/features/validations/#${code.toLowerCase()}`;
  }
  return `docs/rules.md#${code.toLowerCase()}`;
}

const subjects = new WeakMap<Finding, Resource>();

/** The resource that a finding of this process is of; two kinds may share its name (`Gateway shop/web`). */
export const subjectOf = (finding: Finding): Resource | undefined => subjects.get(finding);

const ranks: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

const order = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

/** Errors first; then by code, kind, name, namespace, cluster, place, text: the same in every run. */
export function compareFound(a: Found, b: Found): number {
  return (
    order(ranks[severityOf(a)], ranks[severityOf(b)]) ||
    order(a.rule.code, b.rule.code) ||
    order(a.subject.id, b.subject.id) ||
    order(a.place, b.place) ||
    order(a.draft.message, b.draft.message) ||
    order(a.draft.key ?? '', b.draft.key ?? '') ||
    order(a.rule.id, b.rule.id) ||
    order(a.ordinal, b.ordinal)
  );
}

/**
 * Findings in order, each told once: rules that share a code may find the same. In parity two are the same when
 * istioctl's two lines would be, else when text and place are.
 */
export function tellAll(all: Found[], parity: boolean): Finding[] {
  const told: Finding[] = [];
  const seen = new Map<string, Found[]>();
  const sorted = all.sort(compareFound);
  const { standing, also } = parity
    ? { standing: sorted, also: new Map<Found, Also>() }
    : mergeSame(sorted);
  for (const found of standing) {
    const { rule, subject, draft, place } = found;
    const said = parity ? (draft.istioText ?? draft.message) : `${draft.message}\n${place}`;
    const text = `${rule.code}\n${severityOf(found)}\n${subject.id}\n${said}`;
    const key = parity ? '' : (draft.key ?? '');
    const same = seen.get(text);
    if (!same) seen.set(text, [found]);
    else if (same.some((other) => isSame(other, found, parity, key))) continue;
    else same.push(found);
    const finding = { ...tell(found, parity), ...also.get(found) };
    subjects.set(finding, subject);
    told.push(finding);
  }
  return told;
}

/** Of two that say the same: whether istioctl names one line for both, or else whether their keys are equal. */
function isSame(a: Found, b: Found, parity: boolean, key: string): boolean {
  return parity ? lineOf(a, true) === lineOf(b, true) : (a.draft.key ?? '') === key;
}
