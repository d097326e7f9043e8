import { describe, expect, test } from 'vitest';
import { parsePolicies } from './parse.ts';

const route = (name: string, extra = '') =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: ${name}\n  namespace: shop\n${extra}spec: {hosts: [a]}\n`;

test('documents are told apart, each with its own text and comments', () => {
  const { policies, issues } = parsePolicies(`# first\n${route('a')}---\n# second\n${route('b')}`);
  expect(issues).toEqual([]);
  expect(policies.map((p) => p.object.metadata.name)).toEqual(['a', 'b']);
  expect(policies[0]?.yaml).toBe(`# first\n${route('a')}`);
  expect(policies[1]?.yaml).toBe(`# second\n${route('b')}`);
});

test('what a cluster wrote into an object is not part of the wish', () => {
  const text =
    route('a', '  uid: x\n  resourceVersion: "5"\n  labels: {a: b}\n') + 'status: {x: 1}\n';
  const [policy] = parsePolicies(text).policies;
  expect(policy?.object).toEqual({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'a', namespace: 'shop', labels: { a: 'b' } },
    spec: { hosts: ['a'] },
  });
});

describe('refuses', () => {
  test.each([
    ['YAML that does not parse', 'a: [1\n', 2, /line 2, column 1/],
    ['a key that stands twice', route('a', '  name: b\n'), 6, /column 3: Map keys must be unique/],
    [
      'an unknown kind',
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n',
      1,
      /neither/,
    ],
    ['a list of objects', `- ${route('a').split('\n')[0]}\n`, 1, /expected a Kubernetes object/],
    ['a scalar', 'hello\n', 1, /expected a Kubernetes object/],
    ['no metadata', 'apiVersion: networking.istio.io/v1\nkind: Sidecar\n', 1, /metadata/],
    [
      'no namespace',
      'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: a}\n',
      1,
      /Sidecar lives in a namespace/,
    ],
    [
      'a namespace on what has none',
      'apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: a, namespace: b}\n',
      1,
      /does not live in a namespace/,
    ],
    ['a name Kubernetes does not take', route('A_b'), 1, /RFC 1123/],
    ['the same object twice', `${route('a')}---\n${route('a')}`, 8, /stands at line 1 already/],
    ['an empty text', '\n---\n', 1, /no object/],
    [
      'the object of an option',
      'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: istio-system}\n',
      1,
      /option mtls/,
    ],
  ])('%s', (_what, text, line, words) => {
    const { issues } = parsePolicies(text);
    expect(issues[0]?.message).toMatch(words);
    expect(issues[0]?.line).toBe(line);
  });

  test('an alias bomb, at once', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++) {
      const uses = Array(9)
        .fill(`*a${i - 1}`)
        .join(', ');
      lines.push(`a${i}: &a${i} [${uses}]`);
    }
    const began = process.cpuUsage();
    expect(parsePolicies(lines.join('\n')).issues[0]?.message).toMatch(/aliases/);
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(1_000);
  });

  test('all problems of a text, not only the first', () => {
    const { issues } = parsePolicies('a: [1\n---\nb: 1\n');
    expect(issues.length).toBeGreaterThan(1);
  });
});
