import { describe, expect, it } from 'vitest';
import type { Finding } from '../finding.ts';
import type { Expected, Rule } from '../rule.ts';
import { runExample } from '../testing/run-example.ts';
import { allRules } from './all.ts';

const fits = (finding: Finding, expected: Expected): boolean =>
  finding.resource === expected.resource &&
  finding.path === (expected.path ?? finding.path) &&
  finding.line === (expected.line ?? finding.line) &&
  finding.severity === (expected.severity ?? finding.severity) &&
  finding.message.includes(expected.message ?? '');

describe.each(allRules.map((rule): [string, Rule] => [rule.id, rule]))('%s', (_, rule) => {
  it('has a positive and a negative example, and one in ambient mode when it is not one of Istio', () => {
    const aspects = rule.examples.map(({ aspect }) => aspect);
    const wanted = ['positive', 'negative', ...(rule.code.startsWith('IST') ? [] : ['ambient'])];
    expect(aspects).toEqual(expect.arrayContaining(wanted));
  });

  it.each(rule.examples.map((example) => [example.title, example] as const))(
    '%s',
    (__, example) => {
      const missing = [...example.expect];
      const unexpected = runExample(rule, example).filter((finding) => {
        const at = missing.findIndex((expected) => fits(finding, expected));
        if (at >= 0) missing.splice(at, 1);
        return at < 0;
      });
      expect({ unexpected, missing }).toEqual({ unexpected: [], missing: [] });
    },
  );
});

it('has no two rules of one id', () => {
  const ids = allRules.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});
