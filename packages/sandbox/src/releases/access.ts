import type { KubeObject } from '@ambit/contracts/common';
import { maker, systemNamespace } from './objects.ts';
import type { ReleaseSettings } from './settings.ts';

const rbac = 'rbac.authorization.k8s.io';
const read = ['get', 'list', 'watch'];
const istioGroups = [
  'networking.istio.io',
  'security.istio.io',
  'telemetry.istio.io',
  'extensions.istio.io',
  'gateway.networking.k8s.io',
];

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

const rule = (apiGroups: string[], resources: string[], verbs: string[]): Rule => ({
  apiGroups,
  resources,
  verbs,
});

/** Accounts and roles of a release, by the names Istio's own carry. */
export function accessObjects(settings: ReleaseSettings): KubeObject[] {
  const { inSystem, ofCluster } = maker(settings.version);
  const account = (name: string) => inSystem('v1', 'ServiceAccount', name);
  const subjects = (name: string) => [{ kind: 'ServiceAccount', name, namespace: systemNamespace }];
  const clusterRole = (name: string, to: string, rules: Rule[]): KubeObject[] => [
    ofCluster(`${rbac}/v1`, 'ClusterRole', name, { rules }),
    ofCluster(`${rbac}/v1`, 'ClusterRoleBinding', name, {
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: subjects(to),
    }),
  ];
  const { cni, ztunnel } = settings.components;
  return [
    account('istiod'),
    account('istio-reader-service-account'),
    ...clusterRole(`istiod-clusterrole-${systemNamespace}`, 'istiod', [
      rule(
        ['admissionregistration.k8s.io'],
        ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
        [...read, 'update', 'patch'],
      ),
      rule(istioGroups, ['*'], [...read, 'update', 'patch']),
      rule([''], ['pods', 'nodes', 'services', 'namespaces', 'endpoints'], read),
      rule([''], ['configmaps'], [...read, 'create', 'update']),
    ]),
    ...clusterRole(`istiod-gateway-controller-${systemNamespace}`, 'istiod', [
      rule(['apps'], ['deployments'], [...read, 'create', 'update', 'patch', 'delete']),
      rule([''], ['services', 'serviceaccounts'], [...read, 'create', 'update', 'patch', 'delete']),
    ]),
    ...clusterRole(`istio-reader-clusterrole-${systemNamespace}`, 'istio-reader-service-account', [
      rule([...istioGroups, ''], ['*'], read),
    ]),
    inSystem(`${rbac}/v1`, 'Role', 'istiod', {
      rules: [rule([''], ['secrets'], ['create', 'get', 'watch', 'list', 'update', 'delete'])],
    }),
    inSystem(`${rbac}/v1`, 'RoleBinding', 'istiod', {
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'istiod' },
      subjects: subjects('istiod'),
    }),
    ...(cni
      ? [
          account('istio-cni'),
          ...clusterRole('istio-cni', 'istio-cni', [
            rule([''], ['pods', 'nodes', 'namespaces'], read),
          ]),
          ...clusterRole('istio-cni-ambient', 'istio-cni', [
            rule([''], ['pods/status'], ['patch']),
          ]),
        ]
      : []),
    ...(ztunnel ? [account('ztunnel')] : []),
  ];
}
