import type { WaypointRef } from '../facts/ambient.ts';
import { controllerKinds, isGateway, podLabels } from '../facts/workloads.ts';
import type { Draft } from '../finding.ts';
import { fullName, resourceName, type Resource } from '../resource.ts';
import { defineRule, type Rule } from '../rule.ts';
import { ofSelectionKey, selectionKey, selectorPairs, selects } from '../selector.ts';
import type { View } from '../view.ts';
import { defineDerivation, defineIndex } from '../view.ts';
import {
  boundKinds,
  hangsOnSomething,
  policiesForService,
  policiesForWorkload,
  policiesOfServiceAlone,
  protectingKinds,
  servingWaypoint,
  type Protecting,
} from './bound.ts';
import {
  carrierOf,
  clientKinds,
  guardOf,
  guardOfWorkload,
  haveSidecars,
  isIngressThrough,
  isStrict,
  placeOfService,
  placeOfWorkload,
  type Place,
} from './clients.ts';

/**
 * What holds of policies, as rules that report it: not a problem, but a fact whose end a write has to answer for. The key
 * of each is `what it is|id of the policy`.
 */
export type Held =
  /** Who goes by waypoints passes the one that enforces the policy. */
  | 'through'
  /** L4 policies refuse every identity that they do not name. */
  | 'closed'
  /** Who does not go by waypoints is kept out, or there is nobody. */
  | 'sidecar'
  | 'ingress'
  | 'outside'
  /** L4 policies refuse who comes to the address of a pod. */
  | 'guarded'
  /** No waypoint takes what is sent to the address of a pod. */
  | 'aside'
  /** The policy is enforced somewhere. */
  | 'hangs'
  /** The workload goes by waypoints. */
  | 'sends'
  /** The workload has no sidecar and is to get none. */
  | 'bare';

export const heldOf = (key: string): { held: Held; policyId: string } => {
  const at = key.indexOf('|');
  return { held: key.slice(0, at) as Held, policyId: key.slice(at + 1) };
};

const fact = (held: Held, policy: Protecting | undefined, message: string) => ({
  message,
  key: `${held}|${policy?.id ?? ''}`,
});

const about = {
  severity: 'info',
  title: 'What holds of policies',
  explanation: 'Asked before and after a write.',
  howToFix: '',
  cause: '',
  consequence: '',
  examples: [],
  isFact: true,
} as const;

/** Reports what holds of policies at a place that they are enforced for. */
function tell(
  view: View,
  subject: Resource,
  place: Place | undefined,
  through: WaypointRef,
  policies: readonly Protecting[],
  report: (draft: Draft) => void,
): void {
  if (policies.length === 0) return;
  const guard = place && guardOf(view, place);
  const isClosed = guard === 'unnamed';
  const isOutsideOut = place && (guard !== 'nobody' || isStrict(view, place));
  const isIngressOut = isClosed || (subject.kind === 'Service' && isIngressThrough(view, subject));
  for (const policy of policies) {
    const told = `${resourceName(policy)} would not hold any more for ${resourceName(subject)}`;
    const past = (who: string) => `${told}: ${who} would go past its waypoint`;
    report(
      fact('through', policy, `${told}: waypoint ${fullName(through)} would not be on the way`),
    );
    if (isClosed) report(fact('closed', policy, ''));
    if (isClosed || !view.derive(haveSidecars, '')) {
      report(fact('sidecar', policy, past('clients with sidecars')));
    }
    if (isIngressOut) report(fact('ingress', policy, past('gateways')));
    if (isOutsideOut) report(fact('outside', policy, past('clients outside the mesh')));
  }
}

const ofServices = defineRule({
  ...about,
  id: 'held/service',
  code: 'held',
  kinds: ['Service', 'ServiceEntry'],
  reads: [...boundKinds, ...clientKinds],
  check: (subject, view, report) => {
    const through = servingWaypoint(view, subject.namespace, subject.labels, 'service');
    if (!through) return;
    const policies = policiesForService(view, subject, through);
    // Pods come and go: they are looked at where there is something to protect.
    if (policies.length === 0) return;
    const place = subject.kind === 'Service' ? placeOfService(view, subject) : undefined;
    tell(view, subject, place, through, policies, report);
  },
});

const bySelector = defineIndex({
  name: 'services by the first pair of their selector',
  kinds: ['Service'],
  keys: ({ namespace, spec }) =>
    selectorPairs(spec.selector)
      .slice(0, 1)
      .map(([key, value]) => `${namespace}|${key}=${value}`),
});

/** Names of policies at the waypoints of Services that are in front of pods, and of those that hang on a Service alone. */
interface Before {
  all: string[];
  alone: string[];
}

const nothingBefore: Before = { all: [], alone: [] };

const policiesBefore = defineDerivation<Before>({
  name: 'policies at the waypoints of services in front of pods',
  isEqual: (a, b) => a.all.join() === b.all.join() && a.alone.join() === b.alone.join(),
  compute: (view, key) => {
    const { namespace = '', selector } = ofSelectionKey(key);
    const labels = Object.fromEntries(selector);
    const [all, alone] = [new Set<Protecting>(), new Set<Protecting>()];
    const services = [...selector].flatMap(([name, value]) =>
      view.lookup(bySelector, `${namespace}|${name}=${value}`),
    );
    for (const service of services) {
      if (!selects(service.spec.selector, labels)) continue;
      const ref = servingWaypoint(view, namespace, service.labels, 'service');
      if (!ref) continue;
      for (const policy of policiesForService(view, service, ref)) all.add(policy);
      for (const policy of policiesOfServiceAlone(view, service, ref)) alone.add(policy);
    }
    return { all: [...all].map(resourceName), alone: [...alone].map(resourceName) };
  },
});

const few = (names: readonly string[]): string => [...new Set(names)].sort().slice(0, 3).join(', ');

const ofWorkloads = defineRule({
  ...about,
  id: 'held/workload',
  code: 'held',
  kinds: ['Pod', ...controllerKinds],
  reads: [...boundKinds, ...clientKinds],
  check: (subject, view, report) => {
    if (isGateway(subject)) return;
    const { namespace } = subject;
    const through = servingWaypoint(view, namespace, podLabels(subject), 'workload');
    const own = through ? policiesForWorkload(view, through) : [];
    if (through) tell(view, subject, placeOfWorkload(subject), through, own, report);
    const carrier = carrierOf(view, subject);
    if (carrier === 'ambient') report(fact('sends', undefined, resourceName(subject)));
    if (carrier !== 'sidecar') report(fact('bare', undefined, resourceName(subject)));
    const isGuarded = guardOfWorkload(view, subject) === 'unnamed';
    if (!isGuarded && through) return;
    // What is said follows from what hangs there; that something holds does not, so that its end is no loss of a policy.
    const { all, alone } = isGuarded
      ? view.derive(policiesBefore, selectionKey(namespace, podLabels(subject)))
      : nothingBefore;
    const name = resourceName(subject);
    if (isGuarded) {
      const names = few([...all, ...own.map(resourceName)]);
      report(
        fact(
          'guarded',
          undefined,
          names &&
            `${name} could be reached past ${names}: no L4 policy would keep out who does not come through the waypoint`,
        ),
      );
    }
    if (!through) {
      const names = few(alone);
      report(
        fact(
          'aside',
          undefined,
          names &&
            `${name} could be reached at its address past ${names}: the waypoint would take what is sent there, and the policy hangs on the Service alone`,
        ),
      );
    }
  },
});

const ofPolicies = defineRule({
  ...about,
  id: 'held/policy',
  code: 'held',
  kinds: protectingKinds,
  reads: boundKinds,
  check: (subject, view, report) => {
    if (!hangsOnSomething(view, subject)) return;
    report(
      fact('hangs', subject, `${resourceName(subject)} would hang on nothing that enforces it`),
    );
  },
});

/** For an engine that admission asks, beside the rules of the diagnosis. */
export const protectionFacts: readonly Rule[] = [ofServices, ofWorkloads, ofPolicies];
