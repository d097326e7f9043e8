import { isMissingNamespace, knows } from '../../facts/known.ts';
import type { Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import type { View } from '../../view.ts';
import { defineIndex } from '../../view.ts';
import { policy, sources } from './0101-authorization-policy.ts';
import { doc, docs, negative, positive, sameInAmbient } from '../shared/example.ts';

type Policy = Resource<'AuthorizationPolicy'>;

type Principal = { trustDomain: string; namespace: string; name: string };

function readPrincipal(text: string): Principal | undefined {
  const groups = /^(?<trustDomain>[^/]+)\/ns\/(?<namespace>[^/*]+)\/sa\/(?<name>[^/*]+)$/.exec(
    text,
  )?.groups;
  return groups as Principal | undefined;
}

/** ServiceAccounts by name, in whichever cluster. */
const accounts = defineIndex({
  name: 'service accounts by name',
  kinds: ['ServiceAccount'],
  keys: ({ namespace, name }) => [`${namespace}/${name}`],
});

function isForeign(view: View, { trustDomain: written }: Principal): boolean {
  const { trustDomain = 'cluster.local', trustDomainAliases = [] } = view.mesh();
  return !['cluster.local', trustDomain, ...trustDomainAliases].includes(written);
}

/**
 * Whether an account is made by others than people, so that no file has it: `default` by Kubernetes in each namespace,
 * those of Gateways and waypoints by istiod (istio.io, "Kubernetes Gateway API, Automated Deployment").
 */
function isMadeByItself(view: View, { namespace, name }: Principal): boolean {
  if (name === 'default') return !isMissingNamespace(view, namespace);
  return view
    .inNamespace('KubernetesGateway', namespace)
    .some((gateway) =>
      [gateway.name, `${gateway.name}-${gateway.spec.gatewayClassName}`].includes(name),
    );
}

/** Whether an account of the mesh's own trust domain is in the policy's cluster, in another only, or nowhere. */
function placeOf(
  view: View,
  subject: Policy,
  principal: Principal,
): 'here' | 'remote' | 'missing' | undefined {
  if (isForeign(view, principal) || !knows(view, 'ServiceAccount')) return undefined;
  const found = view.lookup(accounts, `${principal.namespace}/${principal.name}`);
  if (found.length === 0) return isMadeByItself(view, principal) ? undefined : 'missing';
  const isHere = subject.cluster === '' || found.some(({ cluster }) => cluster === subject.cluster);
  return isHere ? 'here' : 'remote';
}

const principalRule = (
  words: Omit<Parameters<typeof defineRule>[0], 'id' | 'kinds' | 'check'>,
  isMeant: (view: View, subject: Policy, principal: Principal) => boolean,
  tell: (principal: string) => string,
) =>
  defineRule({
    ...words,
    id: words.code,
    kinds: ['AuthorizationPolicy'],
    check: (subject, view, report) => {
      for (const [text, path] of sources(subject, 'principals')) {
        const principal = readPrincipal(text);
        if (!principal || !isMeant(view, subject, principal)) continue;
        report({ message: tell(text), path });
      }
    },
  });

const account = doc('ServiceAccount front/client');

export const principalMissing = principalRule(
  {
    code: 'KIA0106',
    reads: ['ServiceAccount', 'MeshConfig', 'Namespace', 'KubernetesGateway'],
    severity: 'error',
    title: 'ServiceAccount of a principal does not exist',
    explanation:
      'A principal (`cluster.local/ns/NAMESPACE/sa/NAME`) names a ServiceAccount that no cluster of the mesh has. Patterns are not looked up.',
    howToFix: 'Correct the principal, or create the ServiceAccount.',
    cause: 'There is no such ServiceAccount.',
    consequence: 'No caller matches by this entry.',
    examples: sameInAmbient('front shop', [
      positive(
        'a misspelt account',
        docs(
          account,
          policy('[{from: [{source: {principals: [cluster.local/ns/front/sa/clinet]}}]}]'),
        ),
        ['AuthorizationPolicy shop/web spec.rules[0].from[0].source.principals[0]'],
      ),
      negative(
        'an account that is there, and patterns',
        docs(
          account,
          policy(
            '[{from: [{source: {principals: [cluster.local/ns/front/sa/client, "*/sa/other", "*"]}}]}]',
          ),
        ),
      ),
      negative(
        'accounts that Kubernetes and istiod make',
        docs(
          account,
          doc('KubernetesGateway front/edge', 'spec: {gatewayClassName: istio}'),
          doc('KubernetesGateway shop/waypoint', 'spec: {gatewayClassName: istio-waypoint}'),
          policy(
            '[{from: [{source: {principals: [cluster.local/ns/front/sa/default, cluster.local/ns/front/sa/edge-istio, cluster.local/ns/shop/sa/waypoint]}}]}]',
          ),
        ),
      ),
      positive(
        'the account of a namespace that is not there',
        docs(
          account,
          doc('Namespace front'),
          policy('[{from: [{source: {principals: [cluster.local/ns/frnt/sa/default]}}]}]'),
        ),
        ['AuthorizationPolicy shop/web spec.rules[0].from[0].source.principals[0]'],
      ),
      negative(
        'nothing is known of accounts',
        policy('[{from: [{source: {principals: [cluster.local/ns/front/sa/client]}}]}]'),
      ),
    ]),
  },
  (view, subject, principal) => placeOf(view, subject, principal) === 'missing',
  (principal) => `${principal} is the principal of no ServiceAccount`,
);

export const principalRemote = principalRule(
  {
    code: 'KIA0107',
    reads: ['ServiceAccount', 'MeshConfig', 'Namespace', 'KubernetesGateway'],
    severity: 'warning',
    title: 'ServiceAccount of a principal is in another cluster only',
    explanation:
      'The ServiceAccount that a principal names is not in the cluster of the policy, but in another of the mesh. That works where both share a trust domain, and is easily a mistake. Policies of the mesh itself, which are for all its clusters, are not told.',
    howToFix: 'Nothing, when the callers are in the other cluster.',
    cause: 'Only another cluster has the ServiceAccount.',
    consequence: 'Only callers of the other cluster match.',
    examples: sameInAmbient('front shop', [
      positive(
        'the account is in the other cluster',
        '',
        ['AuthorizationPolicy shop/web spec.rules[0].from[0].source.principals[0]'],
        {
          yamlOfClusters: {
            west: account,
            east: docs(
              doc('ServiceAccount shop/web'),
              policy('[{from: [{source: {principals: [cluster.local/ns/front/sa/client]}}]}]'),
            ),
          },
        },
      ),
      negative(
        'a policy of the whole mesh',
        docs(
          account,
          policy('[{from: [{source: {principals: [cluster.local/ns/front/sa/client]}}]}]'),
        ),
      ),
    ]),
  },
  (view, subject, principal) => placeOf(view, subject, principal) === 'remote',
  (principal) => `The ServiceAccount of ${principal} is in another cluster only`,
);

export const principalForeign = principalRule(
  {
    code: 'KIA0108',
    reads: ['MeshConfig'],
    severity: 'warning',
    title: 'Principal of a foreign trust domain',
    explanation:
      'The trust domain of a principal is neither that of the mesh nor one of its aliases (`trustDomainAliases`), so nothing is known of its accounts. It is told only where the configuration of the mesh names its trust domain.',
    howToFix: 'Correct the trust domain, or add it to `trustDomainAliases` of the mesh.',
    cause: 'The mesh does not have this trust domain.',
    consequence: 'Callers of the mesh do not match by this entry.',
    examples: sameInAmbient('front shop', [
      positive(
        'another trust domain',
        docs(
          account,
          policy('[{from: [{source: {principals: [old.example/ns/front/sa/client]}}]}]'),
        ),
        ['AuthorizationPolicy shop/web spec.rules[0].from[0].source.principals[0]'],
        { meshConfig: 'trustDomain: mesh.example' },
      ),
      negative(
        'nothing is known of the mesh',
        policy('[{from: [{source: {principals: [old.example/ns/front/sa/client]}}]}]'),
      ),
      negative(
        'an alias',
        docs(
          account,
          policy('[{from: [{source: {principals: [old.example/ns/front/sa/client]}}]}]'),
        ),
        [],
        { meshConfig: 'trustDomainAliases: [old.example]' },
      ),
    ]),
  },
  (view, _subject, principal) => {
    const { trustDomain, trustDomainAliases } = view.mesh();
    const isTold = trustDomain !== undefined || trustDomainAliases !== undefined;
    return isTold && isForeign(view, principal);
  },
  (principal) => `${principal} is of a trust domain that the mesh does not have`,
);
