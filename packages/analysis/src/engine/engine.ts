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

/** Makes the checker of a view. What a check reports goes through one function: most report nothing. */
export function createCheck(view: View): Check {
  let [running, on]: [Rule | undefined, Resource | undefined] = [undefined, undefined];
  let found: Found[] | undefined;
  const report = (draft: Draft): void => {
    if (!running || !on) throw new Error('a check reported after its end');
    found ??= [];
    const place = pathText(draft.path ?? []);
    const ordinal = ordinalOf(found, place, draft.key);
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

/** How many were reported before it at the same place: tells their ids apart. */
function ordinalOf(found: Found[], place: string, key: string | undefined): number {
  let count = 0;
  for (const other of found) if (other.place === place && other.draft.key === key) count += 1;
  return count;
}
