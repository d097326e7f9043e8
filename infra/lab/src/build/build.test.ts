import { describe, expect, test } from 'vitest';
import { isOlder } from '../requirements.ts';
import { componentKey, components } from './components.ts';
import { programName, stagingReplacements } from './go-module.ts';

describe('components', () => {
  test('never share a folder', () => {
    const keys = components.map(componentKey);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('give every program of a folder its own name', () => {
    for (const component of components) {
      if (component.kind !== 'go') continue;
      const names = component.packages.map(programName);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

test("Kubernetes' staging modules get versions for their folders, and others are left alone", () => {
  const goMod = [
    'require k8s.io/klog/v2 v2.130.1',
    'replace (',
    '\tk8s.io/api => ./staging/src/k8s.io/api',
    '\tk8s.io/sample-cli-plugin => ./staging/src/k8s.io/sample-cli-plugin',
    ')',
  ].join('\n');
  expect(stagingReplacements(goMod, 'v0.34.4')).toBe(
    'replace k8s.io/api => k8s.io/api v0.34.4\n' +
      'replace k8s.io/sample-cli-plugin => k8s.io/sample-cli-plugin v0.34.4\n',
  );
});

test('versions are compared by number, not by letter', () => {
  expect(isOlder('1.9', '1.25')).toBe(true);
  expect(isOlder('1.26', '1.25')).toBe(false);
  expect(isOlder('1.25', '1.25')).toBe(false);
  expect(isOlder('2.0', '1.25')).toBe(false);
});
