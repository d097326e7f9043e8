import { describe, expect, it } from 'vitest';
import { patchYaml } from './patch-yaml.ts';

const text = `# kept
spec:
  hosts: [a, b] # both
  http:
    - route:
        - destination: {host: x}
          weight: 90
    - timeout: 1s
`;

describe('a patch of YAML', () => {
  it('changes a value and keeps comments', () => {
    const after = patchYaml(text, [
      { op: 'test', path: '/spec/http/0/route/0/weight', value: 90 },
      { op: 'replace', path: '/spec/http/0/route/0/weight', value: 100 },
    ]);
    expect(after).toBe(text.replace('weight: 90', 'weight: 100'));
  });

  it('adds to maps and into lists, and removes', () => {
    const after = patchYaml(text, [
      { op: 'add', path: '/spec/hosts/1', value: 'c' },
      { op: 'add', path: '/spec/hosts/-', value: 'd' },
      { op: 'add', path: '/spec/gate~1way', value: { x: 1 } },
      { op: 'remove', path: '/spec/http/1' },
    ])!;
    expect(after).toContain('hosts: [a, c, b, d] # both');
    expect(after).toContain('gate/way:\n    x: 1');
    expect(after).not.toContain('timeout');
  });

  it.each([
    [{ op: 'replace', path: '/spec/none', value: 1 }],
    [{ op: 'remove', path: '/spec/http/7' }],
    [{ op: 'add', path: '/spec/hosts/9', value: 1 }],
    [{ op: 'add', path: '/none/x', value: 1 }],
    [{ op: 'test', path: '/spec/hosts/0', value: 'z' }],
  ] as const)('is not done where it does not fit: %j', (operation) => {
    expect(patchYaml(text, [operation])).toBeNull();
  });
});
