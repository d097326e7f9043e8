import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze.ts';
import type { PatchOperation } from '../finding.ts';
import { readObject } from '../read-object.ts';
import type { Rule } from '../rule.ts';
import { resourceName } from '../resource.ts';
import { exampleSnapshot } from '../testing/run-example.ts';
import { allRules } from './all.ts';

type Node = Record<string, unknown> | unknown[];

/** The object after a JSON patch (RFC 6902) of the operations that fixes use. */
function patched(object: unknown, operations: readonly PatchOperation[]): unknown {
  const copy = structuredClone(object) as Node;
  for (const operation of operations) {
    const steps = operation.path
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop() ?? '';
    let parent = copy as Record<string, unknown>;
    for (const step of steps) {
      const next = parent[step];
      if (typeof next !== 'object' || next === null)
        throw new Error(`nothing at ${operation.path}`);
      parent = next as Record<string, unknown>;
    }
    const isThere = last in parent || (Array.isArray(parent) && last === '-');
    if (operation.op !== 'add' && !isThere) throw new Error(`nothing at ${operation.path}`);
    if (Array.isArray(parent)) {
      const at = last === '-' ? parent.length : Number(last);
      if (operation.op === 'remove') parent.splice(at, 1);
      else parent.splice(at, operation.op === 'replace' ? 1 : 0, operation.value);
    } else if (operation.op === 'remove') delete parent[last];
    else parent[last] = operation.value;
  }
  return copy;
}

const now = Date.UTC(2026, 0, 1);

const fixable = (rule: Rule) =>
  rule.examples.flatMap((example) => {
    const snapshot = exampleSnapshot(example);
    const parity = rule.parity === 'only';
    return analyze(snapshot, { rules: [rule], parity, now }).flatMap((finding) =>
      finding.fix?.patch ? [{ example, snapshot, finding, patch: finding.fix.patch, parity }] : [],
    );
  });

describe.each(
  allRules
    .filter((rule) => fixable(rule).length > 0)
    .map((rule): [string, Rule] => [rule.id, rule]),
)('%s', (_, rule) => {
  it.each(
    fixable(rule).map((one) => [`${one.finding.resource} ${one.finding.path}`, one] as const),
  )('is found no more at %s after its fix', (__, { snapshot, finding, patch, parity }) => {
    const resources = [...snapshot.resources].map((resource) => {
      if (resourceName(resource) !== finding.resource) return resource;
      if ((finding.cluster ?? '') !== resource.cluster) return resource;
      const read = readObject(patched(resource.object, patch), { cluster: resource.cluster });
      if (!('resource' in read)) throw new Error('the patched object cannot be read');
      return read.resource;
    });
    const after = analyze({ ...snapshot, resources }, { rules: [rule], parity, now });
    expect(
      after.map(({ resource, path, message }) => ({ resource, path, message })),
    ).not.toContainEqual({
      resource: finding.resource,
      path: finding.path,
      message: finding.message,
    });
  });
});

it('has fixes of Kiali’s and our own rules', () => {
  expect(allRules.filter((rule) => fixable(rule).length > 0).length).toBeGreaterThan(8);
});
