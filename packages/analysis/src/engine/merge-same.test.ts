import { expect, it } from 'vitest';
import { analyze } from '../analyze.ts';
import { createIncremental } from '../incremental.ts';
import { defineRule } from '../rule.ts';
import type { Rule } from '../rule.ts';
import type { Path } from '../resource.ts';
import { doc } from '../rules/shared/example.ts';
import { noSources, readText } from '../sources/text.ts';

const rule = (code: string, path: Path, sameAs?: string[]): Rule =>
  defineRule({
    id: code,
    code,
    severity: 'warning',
    title: code,
    explanation: '',
    howToFix: '',
    cause: '',
    consequence: '',
    kinds: ['VirtualService'],
    reads: [],
    ...(sameAs ? { sameAs } : {}),
    check: (_subject, _view, report) => report({ message: code, path }),
    examples: [],
  });

const sources = noSources();
readText(doc('VirtualService shop/web', 'spec: {hosts: [web]}'), 'web.yaml', sources);

const found = (...rules: Rule[]) =>
  analyze({ resources: sources.resources }, { rules, now: 0 }).map(({ code, also }) => [
    code,
    also,
  ]);

const istio = rule('IST0101', ['spec', 'http', 0]);
const kiali = rule('KIA1101', ['spec', 'http', 0, 'route'], ['IST0101', 'AMB0001']);

it('names the other code at the finding that says the same', () => {
  expect(found(istio, kiali)).toEqual([['IST0101', ['KIA1101']]]);
});

it('shows the other one where nothing else says it', () => {
  expect(found(kiali)).toEqual([['KIA1101', undefined]]);
});

it('keeps both where the places differ', () => {
  const elsewhere = rule('IST0101', ['spec', 'http', 1]);
  expect(found(elsewhere, kiali)).toEqual([
    ['IST0101', undefined],
    ['KIA1101', undefined],
  ]);
});

it('takes a code with a star at any place', () => {
  const elsewhere = rule('IST0101', ['spec', 'hosts', 0]);
  expect(found(elsewhere, rule('KIA1101', ['spec', 'ports', 0], ['IST0101*']))).toEqual([
    ['IST0101', ['KIA1101']],
  ]);
});

it('hands codes on along a chain', () => {
  const ours = rule('AMB0001', ['spec', 'http'], ['IST0101']);
  expect(found(istio, ours, kiali)).toEqual([['IST0101', ['AMB0001', 'KIA1101']]]);
});

it('gives the same after changes as at once', () => {
  const options = { rules: [istio, kiali], now: 0 };
  const incremental = createIncremental({ resources: [] }, options);
  const [resource] = sources.resources;
  if (resource) incremental.apply([{ put: resource }]);
  expect(incremental.findings()).toEqual(analyze({ resources: sources.resources }, options));
});
