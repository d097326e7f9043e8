import { expect, it } from 'vitest';
import { placesIn, stepsOf } from './place.ts';

const text = `# first
kind: Gateway
metadata: {name: main, namespace: shop}
---
kind: VirtualService
metadata:
  name: web
  namespace: shop
  annotations:
    a.b/c: x
spec:
  http:
    - timeout: 1s
    - route:
        - destination: {host: a}
          weight: 1
`;
const web = { kind: 'VirtualService', namespace: 'shop', name: 'web' };

it.each([
  ['spec.http[1].route[0].weight', 16],
  ['spec.http[0]', 13],
  ['spec.http[1].route[0].none', 15],
  ['metadata.annotations["a.b/c"]', 10],
  ['', 5],
])('the path %s stands in line %i', (path, line) => {
  expect(placesIn(text)({ ...web, path }).line).toBe(line);
});

it('what is not in the text has no place', () => {
  expect(placesIn(text)({ ...web, name: 'other', path: '' })).toEqual({ line: null, fixed: null });
});

it('a fix changes its own document and leaves the others as they are', () => {
  const { fixed } = placesIn(text)({
    ...web,
    path: '',
    fix: {
      title: 'x',
      patch: [{ op: 'replace', path: '/spec/http/1/route/0/weight', value: 100 }],
    },
  });
  expect(fixed).toContain('weight: 100');
  expect(fixed?.startsWith(text.slice(0, text.indexOf('---')))).toBe(true);
  expect(fixed?.match(/^---$/gm)).toHaveLength(1);
});

it('reads steps', () => {
  expect(stepsOf('a.b[2]["c.d"].e')).toEqual(['a', 'b', 2, 'c.d', 'e']);
});
