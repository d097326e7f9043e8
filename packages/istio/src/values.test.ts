import { expect, test } from 'vitest';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { releaseSchema } from '@ambit/contracts/release';
import { kindRefusal, knownKinds } from './kinds.ts';
import { extraObjects, installerInput, overriddenOptions } from './values.ts';

const release = (patches: object[] = []) =>
  releaseSchema.parse({
    version: '1.30.2',
    channel: 'stable',
    kubernetes: { min: '1.31', max: '1.35' },
    endOfLife: '2027-01-01',
    source: { istioctl: '/x' },
    values: { global: { hub: 'docker.io/x' } },
    patches,
  });
const options = meshOptionsSchema.parse({ logLevel: 'debug', controlPlane: { cpu: '1' } });

test('options, then values of the release, then its patches, make the installer values', () => {
  const input = installerInput({
    profile: 'sidecar',
    options,
    release: release([
      { name: 'small', reason: 'r', values: { pilot: { resources: { requests: { cpu: '5m' } } } } },
      { name: 'no-ztunnel', reason: 'r', profiles: ['ambient'], components: { ztunnel: false } },
    ]),
  });
  expect(input.spec).toMatchObject({
    profile: 'minimal',
    components: {},
    values: {
      global: { hub: 'docker.io/x', logging: { level: 'default:debug' } },
      pilot: { resources: { requests: { cpu: '5m', memory: '2Gi' } } },
    },
  });
});

test('a patch holds only for its profiles', () => {
  const patch = { name: 'n', reason: 'r', profiles: ['ambient'], components: { ztunnel: false } };
  const spec = installerInput({ profile: 'ambient', options, release: release([patch]) }).spec;
  expect(spec).toMatchObject({ profile: 'ambient', components: { ztunnel: { enabled: false } } });
});

test('ztunnel and istio-cni are set in ambient meshes, and are none of a sidecar mesh', () => {
  const ambient = meshOptionsSchema.parse({
    ztunnel: { cpu: '1', drainS: 120, logLevel: 'debug', accessLog: false },
    cni: { dnsCapture: false, logLevel: 'warn' },
  });
  const valuesOf = (profile: 'ambient' | 'sidecar') =>
    (installerInput({ profile, options: ambient, release: release() }).spec as { values: object })
      .values;
  expect(valuesOf('ambient')).toMatchObject({
    ztunnel: {
      resources: { requests: { cpu: '1', memory: '512Mi' } },
      terminationGracePeriodSeconds: 120,
      logLevel: 'debug,access=off',
    },
    cni: {
      resources: { requests: { cpu: '100m', memory: '100Mi' } },
      logging: { level: 'default:warn' },
      ambient: { dnsCapture: false },
    },
  });
  expect(Object.keys(valuesOf('sidecar'))).not.toContain('ztunnel');
  expect(meshOptionsSchema.safeParse({ ztunnel: { drainS: 1 } }).success).toBe(false);
  expect(meshOptionsSchema.safeParse({ cni: { memory: 'lots' } }).success).toBe(false);
});

test('options without effect are named with the patch that overrides them', () => {
  const patch = { name: 'small', reason: 'r', values: { pilot: { autoscaleMax: 1 } } };
  expect(overriddenOptions({ profile: 'sidecar', options, release: release([patch]) })).toEqual([
    { patch: 'small', paths: ['pilot.autoscaleMax'] },
  ]);
});

test('STRICT is a PeerAuthentication of the root namespace; PERMISSIVE, the default, is none', () => {
  const strict = meshOptionsSchema.parse({ mtls: 'STRICT' });
  const input = { profile: 'sidecar' as const, release: release() };
  expect(extraObjects({ ...input, options: strict })).toMatchObject([
    { kind: 'PeerAuthentication', metadata: { name: 'default', namespace: 'istio-system' } },
  ]);
  expect(extraObjects({ ...input, options })).toEqual([]);
});

test.each([
  ['networking.istio.io/v1', 'VirtualService', null],
  ['gateway.networking.k8s.io/v1', 'HTTPRoute', null],
  ['networking.istio.io/v2', 'VirtualService', /serves VirtualService as v1, v1beta1, v1alpha3/],
  ['v1', 'VirtualService', /taken as networking.istio.io\/v1/],
  ['networking.istio.io/v1', 'VirtualServce', /has no kind VirtualServce/],
  ['apps/v1', 'Deployment', /neither an Istio nor a Gateway API kind/],
])('%s %s', (apiVersion, kind, refusal) => {
  const told = kindRefusal(apiVersion, kind);
  if (refusal === null) expect(told).toBeNull();
  else expect(told).toMatch(refusal);
});

test('no kind stands twice in the table', () => {
  const keys = knownKinds.map((k) => `${k.group}/${k.kind}`);
  expect(new Set(keys).size).toBe(keys.length);
});
