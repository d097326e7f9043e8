import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge } from '../admission/verdict.ts';
import { createIncremental } from '../incremental.ts';
import type { Labels } from '../kubernetes.ts';
import { allRules } from '../rules/all.ts';
import { protectionFacts } from './facts.ts';
import { protecting, waysIn, type Way } from './reach.testing.ts';
import {
  getOnly,
  guardOf,
  kept,
  plain,
  podOf,
  put,
  remove,
  resourceOf,
  serviceOf,
  waypointOf,
  type Plain,
} from './testing.ts';

const now = Date.UTC(2026, 10, 1);
/** All others are off where guards are kept and nothing else is set. */
const rules = [...allRules.filter(({ code }) => kept.modes.has(code)), ...protectionFacts];

/** Absent most of all, so that most objects say little. */
const maybe = (name: string, ...values: string[]): fc.Arbitrary<Labels> =>
  fc
    .option(fc.constantFrom(...values), { freq: 2 })
    .map((value): Labels => (value === null ? {} : { [name]: value }));
const labels = (...parts: fc.Arbitrary<Labels>[]): fc.Arbitrary<Labels> =>
  fc.tuple(...parts).map((all): Labels => Object.assign({}, ...all) as Labels);

const shopLabels = { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'waypoint' };

const use = maybe('istio.io/use-waypoint', 'waypoint', 'waypoint', 'none', 'gone');
const where = maybe('istio.io/use-waypoint-namespace', 'infra', 'shop');
const modes = maybe('istio.io/dataplane-mode', 'ambient', 'ambient', 'ambient', 'none');
const takes = maybe('istio.io/waypoint-for', 'all', 'service', 'workload', 'none');
const inject = maybe('sidecar.istio.io/inject', 'true');

const ref = fc.constantFrom(
  'Service web',
  'Service mail',
  'Gateway waypoint',
  'GatewayClass istio-waypoint',
  'Service nowhere',
);
const passing = fc.subarray(['shop/waypoint', 'infra/waypoint', 'old/client', 'shop/mail']);

/** Each place of the mesh, and what may stand there. */
const places: Record<string, fc.Arbitrary<Plain>> = {
  ...Object.fromEntries(
    ['shop', 'old', 'infra'].map((name) => [
      name,
      labels(modes, use, where, maybe('istio-injection', 'enabled')).map((of) =>
        plain(`Namespace ${name}`, undefined, name === 'shop' ? { ...shopLabels, ...of } : of),
      ),
    ]),
  ),
  ...Object.fromEntries(
    ['shop/waypoint', 'infra/waypoint'].map((name) => [
      name,
      fc
        .tuple(takes, fc.constantFrom('Same', 'All'))
        .map(([of, from]) => waypointOf(name, of, from)),
    ]),
  ),
  ...Object.fromEntries(
    ['shop/web', 'shop/mail'].map((name) => [
      `service ${name}`,
      labels(use, where).map((of) => serviceOf(name, of)),
    ]),
  ),
  ...Object.fromEntries(
    ['shop/web', 'shop/mail', 'old/client'].map((name) => [
      `pod ${name}`,
      fc
        .tuple(labels(modes, use, inject, maybe('app', 'free')), fc.boolean())
        .map(([of, isIn]) => podOf(name, of, isIn && name === 'old/client')),
    ]),
  ),
  ...Object.fromEntries(
    ['shop', 'infra', 'istio-system'].map((name) => [
      `policy ${name}`,
      fc
        .subarray(['a', 'b'], { minLength: 1 })
        .chain(() =>
          fc
            .uniqueArray(ref, { minLength: 1, maxLength: 2 })
            .map((refs) => getOnly(`${name}/get-only`, ...refs)),
        ),
    ]),
  ),
  ...Object.fromEntries(
    ['shop/web', 'shop/mail'].map((name) => [
      `guard ${name}`,
      passing.map((names) => guardOf(name, 'shop/waypoint', ...names)),
    ]),
  ),
  strict: fc.constant(plain('PeerAuthentication shop/default', { mtls: { mode: 'STRICT' } })),
};

type Mesh = Record<string, Plain | null>;
const absent = (name: string): number => (name === 'strict' || name.startsWith('guard') ? 2 : 6);
const mesh = fc.record(
  Object.fromEntries(
    Object.entries(places).map(([name, of]) => [name, fc.option(of, { freq: absent(name) })]),
  ),
) as fc.Arbitrary<Mesh>;
const change = fc
  .constantFrom(...Object.keys(places))
  .chain((name) =>
    fc.record({ name: fc.constant(name), to: fc.option(places[name]!, { freq: 3 }) }),
  );

/** A client that stays as it is: what is open to it was open to whoever joins the mesh. */
const stranger = [
  plain('Namespace far', undefined, { 'istio.io/dataplane-mode': 'ambient' }),
  podOf('far/stranger'),
];
const standing = (of: Mesh): Plain[] => [
  ...stranger,
  ...Object.values(of).flatMap((one) => one ?? []),
];
const nameOf = ({ metadata }: Plain): string => `${metadata.namespace}/${metadata.name}`;

/** Ways that were kept by a policy, or closed for its sake, and are open without it now. */
function opened(before: Way[], after: Way[], written: Plain | null, gone: Plain | null): Way[] {
  const itself = new Set([written, gone].flatMap((one) => (one ? [nameOf(one)] : [])));
  return after.filter((way) => {
    // A guard says by name who may go past.
    if (way.refused || way.isNamed) return false;
    const was = before.filter(
      (one) => one.client === way.client && one.pod === way.pod && one.service === way.service,
    );
    if (was.length === 0) return false;
    // One client may send in two ways: what was open in one of them was open.
    const wereOpen = was.filter(({ refused }) => !refused);
    const required =
      wereOpen.length === 0
        ? [...protecting(before, way.pod)]
        : wereOpen
            .map(({ policies }) => policies)
            .reduce((all, some) => all.filter((one) => some.includes(one)));
    const toAmbient = before.find(
      (one) =>
        one.client === nameOf(stranger[1]!) && one.pod === way.pod && one.service === way.service,
    );
    const wasOpen = (policy: string) =>
      way.by === 'ambient' && !toAmbient?.refused && !toAmbient?.policies.includes(policy);
    return required.some(
      (policy) => !way.policies.includes(policy) && !itself.has(policy) && !wasOpen(policy),
    );
  });
}

test('no write that is admitted opens a way past a policy that held', { timeout: 60_000 }, () => {
  let [admitted, denied] = [0, 0];
  fc.assert(
    fc.property(mesh, change, (before, { name, to }) => {
      const was = before[name] ?? null;
      const isSame = to === null && was === null;
      if (isSame) return;
      const engine = createIncremental(
        { resources: standing(before).map(resourceOf) },
        { rules, now },
      );
      const write = to ? put(to) : remove(was!);
      if (judge(engine, kept, [write], now).denied.length > 0) {
        denied += 1;
        return;
      }
      admitted += 1;
      const after = { ...before, [name]: to };
      expect(opened(waysIn(standing(before)), waysIn(standing(after)), to, was)).toEqual([]);
    }),
    { numRuns: 1000 },
  );
  // Neither all nor nothing is denied.
  expect(admitted).toBeGreaterThan(200);
  expect(denied).toBeGreaterThan(30);
});
