import type { Draft } from '../finding.ts';
import type { KindName } from '../kinds.ts';
import type { Resource } from '../resource.ts';
import type { Rule } from '../rule.ts';
import type { View } from '../view.ts';
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

/** Runs one rule on one subject. */
export function check(rule: Rule, subject: Resource, view: View): Found[] {
  let found: Found[] | undefined;
  rule.check(subject, view, (draft: Draft) => {
    found ??= [];
    found.push({ rule, subject, draft, ordinal: ordinalOf(found, draft) });
  });
  return found ?? none;
}

const none: Found[] = [];

/** How many were reported before it at the same place: tells their ids apart. */
function ordinalOf(found: Found[], draft: Draft): number {
  const same = (other: Draft): boolean =>
    other.key === draft.key &&
    other.path?.length === draft.path?.length &&
    (draft.path ?? []).every((step, index) => other.path?.[index] === step);
  return found.filter((other) => same(other.draft)).length;
}
