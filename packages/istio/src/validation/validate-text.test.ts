import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Issue } from './issue.ts';
import { documents } from './testing/documents.ts';
import { validate } from './validate.ts';
import { validateText } from './validate-text.ts';

const service = (host: string, extra = ''): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: a
spec:
  hosts: [${host}]
  http:
  - route:
    - destination: {host: b}
${extra}`;

const problems = (text: string): string[] =>
  validateText(text, 'f.yaml').flatMap(({ errors }) =>
    errors.map(({ line, path, message }) => `${line} ${path} ${message}`),
  );

test('names the line of each problem, in every document', () => {
  const text = `# first\n${service('a')}---\n${service('"*"', '    timeout: 5\n')}`;
  expect(problems(text)).toEqual([
    expect.stringMatching(/^21 spec\.http\[0\]\.timeout 5 is no duration/),
  ]);
  expect(problems(service('-x', '    weigth: 1\n'))[0]).toMatch(/^10 spec\.http\[0\]\.weigth /);
});

test('a field that is missing is shown at its parent', () => {
  const text = service('a').replace('    - destination: {host: b}', '    - weight: 1');
  expect(problems(text)).toEqual(['9 spec.http[0].route[0] a destination is needed']);
});

test('a field in snake case has its line too', () => {
  const found = problems(service('a', '    cors_policy:\n      max_age: 1.5s\n'));
  expect(found).toEqual([expect.stringMatching(/^11 spec\.http\[0\]\.corsPolicy\.maxAge /)]);
});

test('objects inside a List are validated, with their own lines', () => {
  const item = service('"*"').replace(/^/gm, '  ').replace('  apiVersion', '- apiVersion');
  const results = validateText(`apiVersion: v1\nkind: List\nitems:\n${item.trimEnd()}\n`, 'f.yaml');
  expect(results.map(({ kind, name }) => [kind, name])).toEqual([['VirtualService', 'a']]);
  expect(results[0]?.errors).toMatchObject([{ path: 'spec.hosts[0]', line: 9 }]);
});

test('a broken document does not hide the others', () => {
  expect(problems(`${service('a')}---\na: [\n---\n${service('"*"')}`)).toEqual([
    expect.stringMatching(/^1[12]  no valid YAML/),
    expect.stringMatching(/^18 spec\.hosts\[0\]/),
  ]);
});

test.each([
  ['a key twice', service('a', '  hosts: [b]\n'), /"hosts" is written twice/],
  ['an unknown alias', service('*x'), /anchor|alias/i],
  ['infinity', service('.inf'), /no number that JSON has/],
  ['no object', '[1, 2]\n', /an object is needed/],
  ['a word', 'text\n', /an object is needed/],
  ['no kind', 'a: b\n', /apiVersion and kind are needed/],
  ['a tab', 'a:\n\tb: 1\n', /no valid YAML/],
  ['no end of a list', 'a: [1\n', /no valid YAML/],
])('refuses %s', (_, text, message) => {
  expect(problems(text)).toEqual([expect.stringMatching(message)]);
});

test('aliases that multiply are refused in no time', () => {
  const levels = Array.from({ length: 12 }, (_, level) =>
    level === 0
      ? 'a0: &a0 [x]'
      : `a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(', ')}]`,
  );
  const started = process.cpuUsage();
  expect(problems(`${levels.join('\n')}\n`)[0]).toMatch(/multiply/);
  expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2000);
});

test('an alias of itself and deep nesting are refused', () => {
  expect(problems('a: &a [*a]\n')[0]).toMatch(/nested too deep|multiply/);
  expect(problems(`a: ${'['.repeat(500)}${']'.repeat(500)}\n`)[0]).toMatch(/nested too deep/);
});

test('keys of the prototype are fields like any other', () => {
  expect(problems(service('a', '  __proto__: {a: b}\n'))).toEqual([
    expect.stringMatching(/^10 spec\.__proto__ there is no such field/),
  ]);
});

test.each([
  ['yes', /true/],
  ['0x10', /16/],
  ['010', /8/],
  ['1_000', /1000/],
  ['~', undefined],
  ['2026-01-01', undefined],
  ['"on"', undefined],
  ['!!str 5', undefined],
])('reads the plain word %s as kubectl does', (word, message) => {
  const found = problems(service('a', `    name: ${word}\n`));
  expect(found).toEqual(message ? [expect.stringMatching(message)] : []);
});

test('merged keys and anchors are read', () => {
  const merged = service('a', '  - <<: &r {name: x}\n    route: [{destination: {host: "*"}}]\n');
  expect(problems(merged)).toEqual([expect.stringMatching(/^11 spec\.http\[1\]\.route\[0\]/)]);
});

test('JSON is YAML; comments alone and null are no objects; line ends may be Windows’', () => {
  const object = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: { name: 'a' },
    spec: {},
  };
  expect(problems(JSON.stringify(object, null, 2))).toEqual([expect.stringMatching(/^7 spec /)]);
  expect(validateText('# nothing\n---\n---\nnull\n', 'f')).toEqual([]);
  expect(problems(service('a').replaceAll('\n', '\r\n'))).toEqual([]);
});

test('an IPv6 address may end in :: inside brackets', () => {
  const entry =
    'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a}\nspec: {hosts: [a.b], addresses: [2001:db8::, "fe80::"], endpoints: [{address: 2001:db8::}], resolution: STATIC}\n';
  expect(problems(entry)).toEqual([]);
});

test('reads what a YAML writer wrote as the object it wrote', () => {
  for (const document of fc.sample(documents, { numRuns: 300, seed: 7 })) {
    const { errors, warnings } = validate(document);
    const [result] = validateText(stringify(document, { version: '1.1' }), 'f.yaml');
    const bare = ({ path, message }: Issue): string => `${path} ${message}`;
    expect(result?.errors.map(bare)).toEqual(errors.map(bare));
    expect(result?.warnings.map(bare)).toEqual(warnings.map(bare));
    expect(result?.errors.every(({ line }) => line !== undefined && line > 0)).toBe(true);
  }
});

test('other kinds are taken as they are', () => {
  expect(problems('apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {}\n')).toEqual([]);
});
