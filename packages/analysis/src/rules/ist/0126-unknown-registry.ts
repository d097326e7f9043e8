import { defineRule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';

const builtIn = new Set(['Kubernetes', 'External', 'Mock']);

/** Secrets that give istiod access to a member cluster, by the clusters' names. */
const remoteSecrets = defineIndex({
  name: 'remote secrets by cluster',
  kinds: ['Secret'],
  keys: ({ labels, spec }) =>
    labels['istio/multiCluster'] === 'true' ? Object.keys(spec.data ?? {}) : [],
});

export const unknownRegistry = defineRule({
  id: 'IST0126/mesh-networks',
  code: 'IST0126',
  severity: 'error',
  title: 'Mesh network with a cluster that istiod does not know',
  explanation:
    "An endpoint of a network in the mesh's networks names a registry (`fromRegistry`): a cluster by its name. No remote secret of istiod has that name.",
  howToFix:
    'Correct the name, or give istiod a remote secret for the cluster (`istioctl create-remote-secret --name NAME`).',
  cause: 'No remote secret has the name of the registry.',
  consequence:
    'The endpoints of that cluster belong to no network, and are called directly instead of through its gateway.',
  kinds: ['MeshNetworks'],
  reads: ['Secret'],
  check: (subject, view, report) => {
    for (const [name, network] of Object.entries(subject.spec.networks ?? {})) {
      for (const [at, endpoint] of (network?.endpoints ?? []).entries()) {
        const { fromRegistry } = endpoint ?? {};
        if (fromRegistry === undefined || fromRegistry === null || builtIn.has(fromRegistry))
          continue;
        if (view.lookup(remoteSecrets, fromRegistry).length > 0) continue;
        report({
          message: `Network "${name}" names the registry "${fromRegistry}", and istiod has no remote secret for such a cluster`,
          istioText: `${fromRegistry} ${name}`,
          path: ['networks', name, 'endpoints', at, 'fromRegistry'],
        });
      }
    }
  },
  examples: [
    {
      title: 'a cluster without a remote secret',
      aspect: 'positive',
      meshNetworks: `networks: {east: {endpoints: [{fromRegistry: cluster-1}, {fromRegistry: cluster-2}]}}`,
      yaml: `
apiVersion: v1
kind: Secret
metadata: {name: istio-remote-secret-cluster-1, namespace: istio-system, labels: {istio/multiCluster: "true"}}
data: {cluster-1: YQ==}
`,
      expect: [
        {
          resource: 'MeshNetworks istio-system/meshnetworks',
          path: 'networks.east.endpoints[1].fromRegistry',
        },
      ],
    },
    {
      title: 'clusters with remote secrets, an address range, and this cluster',
      aspect: 'negative',
      meshNetworks: `networks: {east: {endpoints: [{fromRegistry: cluster-1}, {fromCidr: 10.0.0.0/8}, {fromRegistry: Kubernetes}]}}`,
      yaml: `
apiVersion: v1
kind: Secret
metadata: {name: istio-remote-secret-cluster-1, namespace: istio-system, labels: {istio/multiCluster: "true"}}
data: {cluster-1: YQ==}
`,
      expect: [],
    },
  ],
});
