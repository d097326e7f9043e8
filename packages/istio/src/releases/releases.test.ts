import { describe, expect, test } from 'vitest';
import type { Release } from '@ambit/contracts/release';
import { releaseSchema } from '@ambit/contracts/release';
import { builtInReleases, defaultRelease, isSupported, newestFirst } from './catalogue.ts';
import { isOlderGatewayApi } from './gateway-api.ts';
import { kubernetesRefusal, upgradeRefusal, upgradesFrom } from './upgrade-path.ts';
import { compareVersions, minorOf, parseVersion } from './version.ts';

test.each([
  ['1.30.2', { major: 1, minor: 30, patch: 2, suffix: '' }],
  ['1.31.0-rc.1', { major: 1, minor: 31, patch: 0, suffix: 'rc.1' }],
  ['v1.34.4', { major: 1, minor: 34, patch: 4, suffix: '' }],
  ['v1.33.1+k3s1', { major: 1, minor: 33, patch: 1, suffix: '' }],
  ['1.34', { major: 1, minor: 34, patch: 0, suffix: '' }],
  ['latest', undefined],
])('parseVersion(%s)', (text, version) => {
  expect(parseVersion(text)).toEqual(version);
});

test('versions sort by number, a pre-release before its final release', () => {
  const sorted = ['1.9.0', '1.10.0', '1.10.1', '1.10.0-rc.1'].sort(compareVersions);
  expect(sorted).toEqual(['1.9.0', '1.10.0-rc.1', '1.10.0', '1.10.1']);
  expect(minorOf('1.30.2')).toBe('1.30');
});

test.each([
  ['1.30.1', '1.30.2', null],
  ['1.30.1', '1.31.0', null],
  ['1.31.0-lab', '1.32.0-lab', null],
  ['1.30.1', '1.30.1', /already/],
  ['1.30.1', '1.29.9', /older/],
  ['1.30.1', '1.32.0', /2 minors ahead/],
  ['1.30.1', '2.0.0', /cannot be compared/],
])('an upgrade from %s to %s', (from, to, refusal) => {
  const told = upgradeRefusal(from, to);
  if (refusal === null) expect(told).toBeNull();
  else expect(told).toMatch(refusal);
});

test('a sandbox alone gets a simulated release when none is named, and never one that is patched', () => {
  const [real] = builtInReleases;
  const made = (version: string, patches: Release['patches'] = []): Release => ({
    ...real!,
    version,
    channel: 'simulation',
    source: { sandbox: version },
    patches,
  });
  const releases = [
    ...builtInReleases,
    made('9.1.0-sandbox'),
    made('9.2.0-sandbox-broken', [{ name: 'broken', reason: 'on purpose' }]),
  ];
  const sandbox = 'v1.34.0+ambit-sandbox';
  expect(defaultRelease(releases, [sandbox])?.version).toBe('9.1.0-sandbox');
  expect(defaultRelease(releases, [sandbox, 'v1.34.0'])?.channel).toBe('stable');
  expect(defaultRelease(releases)?.channel).toBe('stable');
  expect(defaultRelease(builtInReleases, [sandbox])?.channel).toBe('stable');
});

test('a simulated release runs only in the sandbox', () => {
  const simulated = {
    version: '1.31.0-sandbox',
    kubernetes: { min: '1.34', max: '1.34' },
    source: { sandbox: '1.31.0-sandbox' },
  };
  expect(kubernetesRefusal(simulated, 'v1.34.0+ambit-sandbox')).toBeNull();
  expect(kubernetesRefusal(simulated, 'v1.34.0')).toMatch(/only in the sandbox/);
});

describe('Kubernetes range', () => {
  const release = {
    version: '1.30.2',
    kubernetes: { min: '1.31', max: '1.35' },
    source: { istioctl: '/istioctl' },
  };
  test.each([
    ['v1.31.0', true],
    ['v1.35.9', true],
    ['v1.30.14', false],
    ['v1.36.0', false],
    ['unknown', false],
  ])('%s', (version, fits) => {
    expect(kubernetesRefusal(release, version) === null).toBe(fits);
  });
});

test('the built-in catalogue is newest first by version and has a default', () => {
  const versions = newestFirst(builtInReleases).map((release) => release.version);
  expect([...versions].sort((a, b) => compareVersions(b, a))).toEqual(versions);
  expect(defaultRelease(builtInReleases)?.channel).toBe('stable');
  const [oldest = ''] = [...versions].reverse();
  for (const to of upgradesFrom(oldest, builtInReleases)) {
    expect(upgradeRefusal(oldest, to)).toBeNull();
  }
});

test.each([
  [null, false],
  ['v1.6.0', false],
  ['v1.7.1', false],
  ['v1.5.9', true],
  ['unknown', true],
])('a cluster with Gateway API %s keeps an older one of its own', (found, older) => {
  expect(isOlderGatewayApi({ gatewayApi: { version: '1.6.0', path: '/x' } }, found)).toBe(older);
});

test('a release is supported through its last day', () => {
  const release = { endOfLife: '2026-11-30' };
  expect(isSupported(release, new Date('2026-11-30T23:59:59Z'))).toBe(true);
  expect(isSupported(release, new Date('2026-12-01T00:00:00Z'))).toBe(false);
});

test('a release names where its Gateway API comes from, or has none', () => {
  const base = {
    version: '1.30.2',
    channel: 'stable',
    kubernetes: { min: '1.31', max: '1.35' },
    endOfLife: '2027-01-01',
    source: { istioctl: '/opt/istioctl' },
  };
  expect(releaseSchema.safeParse(base).success).toBe(true);
  expect(releaseSchema.safeParse({ ...base, gatewayApi: { version: '1.4.0' } }).success).toBe(
    false,
  );
});
