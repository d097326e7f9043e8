import type { Finding } from '../finding.ts';
import { allRules } from '../rules/all.ts';
import type { Rule } from '../rule.ts';

const byCode = Map.groupBy(allRules, ({ code }) => code);
const longest = 300;

/** The rule that a finding comes from; several share a code. */
export function ruleOf({
  code,
  kind,
  cause,
}: Pick<Finding, 'code' | 'kind' | 'cause'>): Rule | undefined {
  const rules = byCode.get(code) ?? [];
  const word = (name: string) => (name === 'KubernetesGateway' ? 'Gateway' : name);
  return (
    rules.find((rule) => rule.cause === cause) ??
    rules.find(({ kinds }) => kinds.some((name) => word(name) === kind)) ??
    rules[0]
  );
}

/** What to do about a finding, in one line: its own fix, or how its rule says it is fixed. */
export function adviceFor(finding: Pick<Finding, 'code' | 'kind' | 'cause' | 'fix'>): string {
  if (finding.fix) return finding.fix.title;
  const text = (ruleOf(finding)?.howToFix ?? '').replaceAll(/\s+/g, ' ').trim();
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
