import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundlePhases } from '@ambit/contracts/agent/bundle';
import type { ObjectRef } from '@ambit/contracts/common';
import {
  bundleOf,
  configMap,
  custom,
  definition,
  deployment,
  namespaceObject,
} from '../../testing/bundles.ts';
import {
  applySetId,
  emptyParent,
  groupKind,
  keyOf,
  parentObject,
  parseGroupKind,
  readParent,
  refOf,
} from './applyset.ts';
import {
  leftBehind,
  mayPrune,
  parentAfter,
  parentBefore,
  partsOf,
  pruneFloor,
  isWhole,
  removalOrder,
  resumeAt,
  unchangedPolicies,
} from './plan.ts';

const bundle = bundleOf('mesh', [
  ['namespaces', [namespaceObject('istio-system')]],
  ['crds', [definition('networking.istio.io', 'Gateway')], 'established'],
  ['configuration', [configMap('istio-system', 'istio')]],
  ['control-plane', [deployment('istio-system', 'istiod')], 'rollout'],
]);

describe('the ApplySet of a bundle', () => {
  it('has the id that KEP-3659 says', () => {
    expect(applySetId('ambit-bundle-x', 'ambit-system')).toMatch(/^applyset-[\w-]{43}-v1$/);
    expect(applySetId('a', 'b')).not.toBe(applySetId('b', 'a'));
  });

  it('is written to its parent and read back', () => {
    const state = { ...parentAfter(bundle, 'sha256:1'), digest: 'sha256:1' };
    expect(readParent(parentObject('mesh', 'ambit-system', state))).toEqual(state);
    expect(readParent({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } })).toEqual(
      emptyParent,
    );
  });

  it('survives a parent that somebody edited', () => {
    const object = parentObject('mesh', 'ambit-system', parentAfter(bundle, 'sha256:1'));
    expect(readParent({ ...object, data: { shared: 'nonsense' } }).shared).toEqual([]);
  });

  it.each([
    ['ConfigMap', { group: '', kind: 'ConfigMap' }],
    ['Deployment.apps', { group: 'apps', kind: 'Deployment' }],
    ['Gateway.networking.istio.io', { group: 'networking.istio.io', kind: 'Gateway' }],
  ])('reads the group kind %s', (text, expected) => {
    expect(parseGroupKind(text)).toEqual(expected);
    const apiVersion = expected.group ? `${expected.group}/v1` : 'v1';
    expect(groupKind({ apiVersion, kind: expected.kind })).toBe(text);
  });
});

describe('what a bundle owns', () => {
  it('is never a namespace', () => {
    const { members, shared } = partsOf(bundle);
    expect(shared.map(({ kind }) => kind)).toEqual(['Namespace']);
    expect(members.map(({ kind }) => kind)).not.toContain('Namespace');
  });

  it('is nothing at all when it only sets fields', () => {
    const fields = bundleOf('enrolment', [['namespaces', [namespaceObject('shop')]]], {
      ownership: 'fields',
    });
    expect(partsOf(fields)).toMatchObject({ members: [], shared: [{ name: 'shop' }] });
  });

  it('keeps the kinds of before in its parent until it is pruned', () => {
    const before = {
      ...emptyParent,
      groupKinds: ['Secret'],
      namespaces: ['old'],
      digest: 'sha256:0',
    };
    const during = parentBefore(bundle, 'sha256:1', before);
    expect(during.groupKinds).toEqual([
      'ConfigMap',
      'CustomResourceDefinition.apiextensions.k8s.io',
      'Deployment.apps',
      'Secret',
    ]);
    expect(during).toMatchObject({
      namespaces: ['istio-system', 'old'],
      digest: 'sha256:0',
      progress: null,
    });
    expect(parentAfter(bundle, 'sha256:1').groupKinds).not.toContain('Secret');
  });
});

describe('where to go on', () => {
  it.each([
    ['nothing was done', emptyParent, 0],
    [
      'two phases of this digest',
      { ...emptyParent, progress: { digest: 'sha256:1', phases: 2 } },
      2,
    ],
    [
      'two phases of another digest',
      { ...emptyParent, progress: { digest: 'sha256:0', phases: 2 } },
      0,
    ],
    ['more than there are', { ...emptyParent, progress: { digest: 'sha256:1', phases: 9 } }, 4],
  ])('%s', (_name, parent, expected) => {
    expect(resumeAt(bundle, 'sha256:1', parent)).toBe(expected);
  });
});

describe('a bundle that is in the cluster as a whole', () => {
  const whole = parentAfter(bundle, 'sha256:1');
  it.each([
    ['after its own pass', whole, true],
    [
      'not while another is begun',
      { ...whole, progress: { digest: 'sha256:2', phases: 1 } },
      false,
    ],
    ['not when the other got nowhere', { ...whole, progress: null }, false],
    ['not on the way back to it', { ...whole, progress: { digest: 'sha256:1', phases: 1 } }, false],
    ['not when it never was', emptyParent, false],
    ['not without a parent', null, false],
  ])('%s', (_name, parent, expected) => {
    expect(isWhole(bundle, 'sha256:1', parent)).toBe(expected);
  });
});

describe('pruning', () => {
  it('takes what left the bundle, but no definition', () => {
    const found = [
      ...partsOf(bundle).members,
      refOf(configMap('istio-system', 'old')),
      refOf(definition('networking.istio.io', 'Old')),
    ];
    expect(leftBehind(bundle, found)).toEqual([refOf(configMap('istio-system', 'old'))]);
  });

  it('does not take an object for gone because its version changed', () => {
    const policies = bundleOf('p', [
      ['policies', [custom('networking.istio.io', 'Gateway', 'shop', 'a')]],
    ]);
    const older = {
      ...refOf(custom('networking.istio.io', 'Gateway', 'shop', 'a')),
      apiVersion: 'networking.istio.io/v1beta1',
    };
    expect(leftBehind(policies, [older])).toEqual([]);
  });

  it.each([
    ['a few always', 10, 10, true],
    ['a third of many', 30, 100, true],
    ['more than a third', 31, 100, false],
    ['all of many', 100, 100, false],
  ])('of %s', (_name, pruned, total, allowed) => {
    expect(mayPrune(bundle, pruned, total, 30)).toBe(allowed);
  });

  it('is not capped for policies alone, but for a bundle with no phase at all', () => {
    expect(mayPrune(bundleOf('p', [['policies', []]]), 100, 100, 30)).toBe(true);
    expect(mayPrune(bundleOf('p', []), 100, 100, 30)).toBe(false);
  });

  it('that is allowed stays allowed with fewer', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), fc.integer({ min: 0, max: 100 }), (a, b, cap) => {
        const total = a + b;
        if (mayPrune(bundle, a, total, cap) && a > 0)
          expect(mayPrune(bundle, a - 1, total, cap)).toBe(true);
        if (a > pruneFloor && a * 100 > total * cap)
          expect(mayPrune(bundle, a, total, cap)).toBe(false);
      }),
    );
  });
});

describe('unchanged policies', () => {
  const policies = (...names: string[]) =>
    bundleOf('p', [
      ['policies', names.map((name) => configMap('shop', name.split('=')[0]!, { v: name }))],
    ]);

  it('are those with the same content, and only in the phase of policies', () => {
    const unchanged = unchangedPolicies(policies('a', 'b=2', 'c'), {
      bundle: policies('a', 'b=1'),
    });
    expect([...unchanged]).toEqual([keyOf(refOf(configMap('shop', 'a')))]);
    expect(unchangedPolicies(bundle, { bundle }).size).toBe(0);
    expect(unchangedPolicies(policies('a'), null).size).toBe(0);
  });
});

describe('removal', () => {
  it('goes the phases backwards, what stands in none of them first, definitions last', () => {
    const stray = refOf({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'x', namespace: 'y' },
    });
    const order = removalOrder(bundle, [...partsOf(bundle).members, stray]);
    expect(order.map((group) => group.map(({ kind }) => kind))).toEqual([
      ['HorizontalPodAutoscaler'],
      ['Deployment'],
      ['ConfigMap'],
      ['CustomResourceDefinition'],
    ]);
  });

  it('goes by kind when the bundle is not known', () => {
    const kinds = removalOrder(null, partsOf(bundle).members)
      .flat()
      .map(({ kind }) => kind);
    expect(kinds).toEqual(['Deployment', 'ConfigMap', 'CustomResourceDefinition']);
  });

  it('holds every member exactly once, in whatever bundle, a later phase never after an earlier one', () => {
    const object = fc.record({
      kind: fc.constantFrom('ConfigMap', 'Deployment', 'Gateway'),
      name: fc.string({ minLength: 1, maxLength: 3 }),
    });
    const phases = fc.array(
      fc.tuple(fc.constantFrom(...bundlePhases), fc.array(object, { maxLength: 5 })),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(phases, fc.array(object, { maxLength: 5 }), (given, strays) => {
        const make = ({ kind, name }: { kind: string; name: string }) => ({
          apiVersion: 'v1',
          kind,
          metadata: { name, namespace: 'n' },
        });
        const of = bundleOf(
          'b',
          given.map(([name, objects]) => [name, objects.map(make)]),
        );
        const members = [
          ...new Map(
            [...given.flatMap(([, objects]) => objects), ...strays].map((one) => [
              keyOf(refOf(make(one))),
              refOf(make(one)),
            ]),
          ).values(),
        ];
        const flat = removalOrder(of, members).flat();
        expect(flat.map(keyOf).sort()).toEqual(members.map(keyOf).sort());
        const phaseOf = (ref: ObjectRef) =>
          of.phases.findLastIndex(({ objects }) =>
            objects.some((one) => keyOf(refOf(one)) === keyOf(ref)),
          );
        const positions = flat.map(phaseOf).filter((index) => index >= 0);
        expect(positions).toEqual([...positions].sort((a, b) => b - a));
      }),
    );
  });
});
