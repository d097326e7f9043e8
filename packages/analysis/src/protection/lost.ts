import { hash } from '../engine/found.ts';
import type { Finding } from '../finding.ts';
import type { Change, Fact, Incremental } from '../incremental.ts';
import { kindWord, resourceName, type Resource } from '../resource.ts';
import { allRules } from '../rules/all.ts';
import { heldOf, type Held } from './facts.ts';

type Told = { ruleId: string; cause: string; fix: string };

/** Under which rule the end of a fact is told, so that a mesh sets both by one code; not every end is told. */
const told: Partial<Record<Held, Told>> = {
  through: {
    ruleId: 'AMB0001/target',
    cause: 'The policy is enforced at the waypoint alone, which traffic would not pass.',
    fix: 'keep the waypoint on the way; or first delete the policy, or bind it to what is meant (targetRefs)',
  },
  aside: {
    ruleId: 'AMB0001/target',
    cause:
      'A waypoint that takes workloads passes what is sent to the address of a pod, where policies of a Service do not count.',
    fix: 'bind the policy to the waypoint (a Gateway) as well, or leave istio.io/waypoint-for at service',
  },
  hangs: {
    ruleId: 'AMB0001/target',
    cause: 'No target of it would be there, or none with a waypoint that serves.',
    fix: 'bind it to a Service or waypoint that is there, or delete it',
  },
  sidecar: {
    ruleId: 'AMB0003',
    cause: 'Proxies with sidecars send to the pods themselves, and nothing would refuse them.',
    fix: 'have an L4 policy let the waypoint alone pass (`npx ambit guard get` shows it)',
  },
  ingress: {
    ruleId: 'AMB0032',
    cause: 'Gateways send to the pods themselves, and nothing would refuse them.',
    fix: 'label the Service istio.io/ingress-use-waypoint=true, or guard its pods',
  },
  outside: {
    ruleId: 'AMB0041',
    cause: 'Who is outside the mesh sends to the pods themselves, and nothing would refuse it.',
    fix: 'guard the pods (`npx ambit guard get` shows how), or demand mTLS (PeerAuthentication STRICT)',
  },
  guarded: {
    ruleId: 'AMB0041',
    cause: 'The policy is enforced at the waypoint alone, and the pods could be reached directly.',
    fix: 'keep the labels that the guard selects, and the pods in ambient mode',
  },
};

/** What admission knows of an engine, as it is without the write. */
type Known = Pick<Incremental, 'resource' | 'facts'>;

/**
 * Protection that a write ends, told as findings of the policy. What the write itself says of a policy goes: one that it
 * deletes or binds to something else ends on purpose; one that hangs on nothing afterwards does not.
 * @param introduced what rules find already: the same is not told twice
 */
export function lostBy(
  ended: readonly Fact[],
  changes: readonly Change[],
  introduced: readonly Finding[],
  known: Known,
): Finding[] {
  const removed = new Set(changes.flatMap((one) => ('remove' in one ? [one.remove] : [])));
  const put = new Set(changes.flatMap((one) => ('put' in one ? [one.put.id] : [])));
  const unbound = new Set(ended.flatMap((one) => placeOf(one, 'through')));
  const found = ended.flatMap(({ subject, key, message }): Finding[] => {
    const { held, policyId } = heldOf(key);
    if (message === '' || removed.has(subject.id) || removed.has(policyId)) return [];
    // Who does not pass a waypoint is another matter than which one it is.
    if (held !== 'through' && unbound.has(`${subject.id} ${policyId}`)) return [];
    if (held === 'hangs' ? !put.has(policyId) : put.has(policyId)) return [];
    return finding(held, message, known.resource(policyId) ?? subject, `${subject.id}\n${key}`);
  });
  const already = new Set(introduced.map(({ code, resource }) => `${code} ${resource}`));
  return [
    ...found,
    ...past(
      ended.filter(({ subject }) => !removed.has(subject.id)),
      known,
    ),
  ].filter(({ code, resource }) => !already.has(`${code} ${resource}`));
}

const placeOf = ({ subject, key }: Fact, wanted: Held): string[] => {
  if (!key.startsWith(`${wanted}|`)) return [];
  return [`${subject.id} ${heldOf(key).policyId}`];
};

/** Clients that would not go by waypoints any more, where what a waypoint protects is open to them. */
function past(ended: readonly Fact[], known: Known): Finding[] {
  const of = (wanted: Held) => ended.filter(({ key }) => heldOf(key).held === wanted);
  const sidecars = of('bare');
  const ids = new Set(sidecars.map(({ subject }) => subject.id));
  const plain = of('sends').filter(({ subject }) => !ids.has(subject.id));
  if (sidecars.length + plain.length === 0) return [];
  const facts = known.facts();
  const protect = facts.filter((one) => placeOf(one, 'through').length > 0);
  const open = (keptOut: Held) => {
    if (protect.length === 0) return [];
    const closed = new Set(facts.flatMap((one) => placeOf(one, keptOut)));
    return protect.filter((one) => placeOf(one, 'through').some((place) => !closed.has(place)));
  };
  const tell = (clients: readonly Fact[], keptOut: Held, held: Held) => {
    const [first] = clients;
    if (!first) return [];
    return open(keptOut).flatMap(({ subject, key }) => {
      const policy = known.resource(heldOf(key).policyId) ?? subject;
      const who = `${first.message}${clients.length > 1 ? ` and ${clients.length - 1} more` : ''}`;
      return finding(
        held,
        `${resourceName(policy)} would not hold any more for what ${who} sends to ${resourceName(subject)}: it would go past the waypoint`,
        policy,
        `${subject.id}\n${key}\n${keptOut}`,
      );
    });
  };
  return [...tell(sidecars, 'closed', 'sidecar'), ...tell(plain, 'outside', 'outside')];
}

function finding(held: Held, message: string, on: Resource, key: string): Finding[] {
  const of = told[held];
  const rule = of && allRules.find(({ id }) => id === of.ruleId);
  if (!rule) return [];
  return [
    {
      id: `${rule.code}-${hash(key)}`,
      code: rule.code,
      severity: rule.severity,
      message,
      resource: resourceName(on),
      kind: kindWord(on.kind),
      namespace: on.namespace,
      name: on.name,
      path: '',
      cause: of.cause,
      consequence: rule.consequence,
      fix: { title: of.fix },
      link: rule.link ?? `docs/rules.md#${rule.code.toLowerCase()}`,
    },
  ];
}
