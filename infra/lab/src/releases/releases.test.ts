import { releaseCatalogueSchema } from '@ambit/contracts/release';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { labReleases } from './catalogue.ts';
import { operatorOf } from './render.ts';

const [first, second, broken] = labReleases('/bin', false);

type Operator = {
  spec: {
    profile: string;
    values: {
      global: { tag: string; hub: string };
      pilot: { tag?: string; env: object };
      ztunnel: { image?: string };
    };
    components: Record<string, { enabled: boolean }>;
  };
};
const operator = (...input: Parameters<typeof operatorOf>): Operator =>
  parse(operatorOf(...input)) as Operator;

describe("the lab's releases", () => {
  test('have the shape that the platform reads', () => {
    for (const withZtunnel of [true, false]) {
      releaseCatalogueSchema.parse(labReleases('/bin', withZtunnel));
    }
  });

  test('are two that work and one that says that it does not', () => {
    expect(labReleases('/bin', false).map(({ version, channel }) => [version, channel])).toEqual([
      ['1.31.0-lab', 'stable'],
      ['1.32.0-lab', 'stable'],
      ['1.32.1-lab-broken', 'broken-on-purpose'],
    ]);
  });

  test('name an istioctl of their own version', () => {
    expect(first?.source).toEqual({ istioctl: '/bin/istio-1.31.0-lab/istioctl' });
    expect(second?.source).toEqual({ istioctl: '/bin/istio-1.32.0-lab/istioctl' });
  });

  test('give a reason for every patch', () => {
    for (const { patches } of labReleases('/bin', false)) {
      for (const { name, reason } of patches) expect(reason, name).toMatch(/\w.*\.$/);
    }
  });

  test('run the stand-in, under its own name, only where no ztunnel was given', () => {
    if (!first) throw new Error('no release');
    const [withZtunnel] = labReleases('/bin', true);
    if (!withZtunnel) throw new Error('no release');
    expect(operator(first, 'ambient').spec.values.ztunnel.image).toBe('ztunnel-stand-in');
    expect(operator(withZtunnel, 'ambient').spec.values.ztunnel.image).toBeUndefined();
    expect(operator(first, 'sidecar').spec.values.ztunnel.image).toBeUndefined();
  });

  test('break only the control plane, and only in the broken one', () => {
    if (!second || !broken) throw new Error('no release');
    expect(operator(second, 'sidecar').spec.values.pilot.tag).toBeUndefined();
    const { values } = operator(broken, 'sidecar').spec;
    expect(values.pilot.tag).toBe('1.32.1-lab-broken');
    expect(values.global.tag).toBe('1.32.0-lab');
  });
});
