import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '@ambit/contracts/common';
import { driftOf, managerOf } from './drift.ts';
import { differences, isIgnored, keepLive } from './pointers.ts';

const object = (spec: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', ...metadata },
  spec,
});
const managed = (manager: string, fieldsV1: object, more: object = {}) => ({
  manager,
  operation: 'Update',
  fieldsV1,
  time: '2026-11-24T10:00:00Z',
  ...more,
});

describe('drift', () => {
  it('is nothing when only the bookkeeping of the server differs', () => {
    const live = {
      ...object({ a: 1 }, { resourceVersion: '1', generation: 1, managedFields: [] }),
      status: { x: 1 },
    };
    const applied = {
      ...object({ a: 1 }, { resourceVersion: '2', generation: 2, managedFields: [{}] }),
      status: {},
    };
    expect(driftOf(live, applied, [])).toBeNull();
  });

  it('names the fields and who set them', () => {
    const fields = { 'f:spec': { 'f:template': { 'f:image': {} } } };
    const live = object(
      { template: { image: 'evil' } },
      {
        managedFields: [
          managed('ambit-agent', fields),
          managed('kubectl-edit', fields),
          managed('other', {}, { time: '2027' }),
        ],
      },
    );
    expect(driftOf(live, object({ template: { image: 'app:1' } }), [])).toEqual({
      fields: ['/spec/template/image'],
      manager: 'kubectl-edit',
    });
  });

  it('is not seen in ignored fields, in whichever item of a list', () => {
    const live = {
      ...object({}),
      webhooks: [{ failurePolicy: 'Fail' }, { failurePolicy: 'Fail', rules: [1] }],
    };
    const applied = {
      ...object({}),
      webhooks: [{ failurePolicy: 'Ignore' }, { failurePolicy: 'Ignore', rules: [2] }],
    };
    expect(driftOf(live, applied, ['/webhooks/*/failurePolicy'])?.fields).toEqual([
      '/webhooks/1/rules/0',
    ]);
  });

  it('finds the manager inside lists keyed by content, else the last writer, never a status or ourselves', () => {
    const list = { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { 'f:image': {} } } } };
    const owner = managed('helm', list);
    const status = managed('kubelet', list, { subresource: 'status', time: '2028' });
    expect(managerOf([status, owner], ['/spec/containers/0/image'])).toBe('helm');
    expect(
      managerOf([managed('ambit-agent-enrolment', {}), managed('last', {})], ['/spec/x']),
    ).toBe('last');
    expect(managerOf([], ['/spec/x'])).toBe('');
  });
});

describe('keeping what the live object has', () => {
  it('copies ignored fields by the name of list items, and leaves the rest', () => {
    const wanted = {
      ...object({ replicas: 1, other: 1 }),
      webhooks: [
        { name: 'b', policy: 'Ignore' },
        { name: 'a', policy: 'Ignore' },
      ],
    };
    const live = {
      ...object({ replicas: 5, other: 2 }),
      webhooks: [{ name: 'a', policy: 'Fail' }],
    };
    expect(keepLive(wanted, live, ['/spec/replicas', '/webhooks/*/policy'])).toEqual({
      ...object({ replicas: 5, other: 1 }),
      webhooks: [
        { name: 'b', policy: 'Ignore' },
        { name: 'a', policy: 'Fail' },
      ],
    });
  });

  it('makes ignored differences vanish, whatever the values', () => {
    const leaf = fc.oneof(fc.integer(), fc.string(), fc.constant(null));
    fc.assert(
      fc.property(leaf, leaf, leaf, leaf, (a, b, c, d) => {
        const wanted = object({ kept: a, own: b });
        const live = object({ kept: c, own: d });
        const applied = keepLive(wanted, live, ['/spec/kept']);
        expect(differences(applied, live)).toEqual(b === d ? [] : ['/spec/own']);
        expect(wanted).toEqual(object({ kept: a, own: b }));
      }),
    );
  });
});

describe('differences', () => {
  it('are none of a value with its copy, and some pointer otherwise', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(differences(a, structuredClone(a))).toEqual([]);
        const same = JSON.stringify(a) === JSON.stringify(b);
        if (same) expect(differences(a, b)).toEqual([]);
        else
          expect(
            differences(a, b).length +
              Number(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))),
          ).toBeGreaterThan(0);
      }),
    );
  });

  it('escape what stands in a pointer', () => {
    expect(differences({ 'a/b': 1 }, { 'a/b': 2 })).toEqual(['/a~1b']);
    expect(
      isIgnored('/metadata/annotations/deployment.kubernetes.io~1revision', [
        '/metadata/annotations',
      ]),
    ).toBe(true);
    expect(isIgnored('/spec/replicasX', ['/spec/replicas'])).toBe(false);
  });
});

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)]),
        )
      : value;
