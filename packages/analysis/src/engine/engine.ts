import type { Draft } from '../finding.ts';
import type { KindName } from '../kinds.ts';
import type { Resource } from '../resource.ts';
import type { Rule } from '../rule.ts';
import type { View } from '../view.ts';
import { pathText } from './found.ts';
import type { Found } from './found.ts';

export type RulesByKind = ReadonlyMap<KindName, readonly Rule[]>;

export function rulesByKind(rules: readonly Rule[], parity: boolean): RulesByKind {
  const byKind = new Map<KindName, Rule[]>();
  for (const rule of rules) {
    if (rule.parity === (parity ? 'never' : 'only')) continue;
    if (parity && !rule.code.startsWith('IST')) continue;
    for (const kind of rule.kinds) {
      const known = byKind.get(kind);
      if (known) known.push(rule);
      else byKind.set(kind, [rule]);
    }
  }
  return byKind;
}

/** Runs one rule on one subject; the list is empty when nothing was found. Checks must not nest. */
export type Check = (rule: Rule, subject: Resource) => readonly Found[];

const none: readonly Found[] = [];

/** Runs a rule on subjects one after the other, and adds what was found to `into`. */
export function runRule(
  rule: Rule,
  subjects: readonly Resource[],
  view: View,
  into: Found[],
): void {
  let subject = subjects[0] as Resource;
  let from = into.length;
  const report = (draft: Draft): void => {
    const place = pathText(draft.path ?? []);
    const ordinal = ordinalOf(into, from, place, draft.key);
    into.push({ rule, subject, draft, place, ordinal });
  };
  const { check } = rule;
  for (let at = 0; at < subjects.length; at += 1) {
    subject = subjects[at] as Resource;
    from = into.length;
    check(subject, view, report);
  }
}

/** Makes the checker of a view, for one subject at a time. */
export function createCheck(view: View): Check {
  let [running, on]: [Rule | undefined, Resource | undefined] = [undefined, undefined];
  let found: Found[] | undefined;
  const report = (draft: Draft): void => {
    if (!running || !on) throw new Error('a check reported after its end');
    found ??= [];
    const place = pathText(draft.path ?? []);
    const ordinal = ordinalOf(found, 0, place, draft.key);
    found.push({ rule: running, subject: on, draft, place, ordinal });
  };
  return (rule, subject) => {
    running = rule;
    on = subject;
    found = undefined;
    rule.check(subject, view, report);
    running = undefined;
    return found ?? none;
  };
}

/** How many were reported from `from` on at the same place: tells their ids apart. */
function ordinalOf(found: Found[], from: number, place: string, key: string | undefined): number {
  let count = 0;
  for (let at = from; at < found.length; at += 1) {
    const other = found[at] as Found;
    if (other.place === place && other.draft.key === key) count += 1;
  }
  return count;
}
