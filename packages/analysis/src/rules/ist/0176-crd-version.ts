import { defineRule } from '../../rule.ts';

/** The oldest Gateway API bundle whose CRD Istio 1.31 reads. */
const minimum: Readonly<Record<string, readonly [number, number, number]>> = {
  'grpcroutes.gateway.networking.k8s.io': [1, 1, 0],
  'backendtlspolicies.gateway.networking.k8s.io': [1, 4, 0],
  'tlsroutes.gateway.networking.k8s.io': [1, 5, 0],
  'tcproutes.gateway.networking.k8s.io': [1, 6, 0],
};

const version = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

const crd = (bundle: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: tlsroutes.gateway.networking.k8s.io
  annotations: {gateway.networking.k8s.io/bundle-version: ${bundle}}
`;

export const crdVersion = defineRule({
  id: 'IST0176/crd',
  code: 'IST0176',
  severity: 'warning',
  title: 'Gateway API CRD is older than Istio needs',
  explanation:
    'A CRD of Gateway API is from a bundle older than the one this Istio reads it from. istiod then does not watch the kind.',
  howToFix: 'Upgrade the Gateway API CRDs to the bundle that the Istio release names.',
  cause: 'The bundle version of the CRD is below the least one that Istio reads.',
  consequence: 'Objects of this kind are ignored.',
  kinds: ['CustomResourceDefinition'],
  reads: [],
  check: (subject, _view, report) => {
    const least = minimum[subject.name];
    const installed = subject.annotations['gateway.networking.k8s.io/bundle-version'];
    const found = installed === undefined ? null : version.exec(installed);
    if (!least || !found) return;
    const parts = [1, 2, 3].map((part) => Number(found[part] ?? 0));
    const at = least.findIndex((wanted, index) => parts[index] !== wanted);
    if (at < 0 || (parts[at] ?? 0) > (least[at] ?? 0)) return;
    report({
      message: `${subject.name} is at ${installed}; Istio reads it from v${least.join('.')} on`,
      path: ['metadata', 'annotations', 'gateway.networking.k8s.io/bundle-version'],
    });
  },
  examples: [
    {
      title: 'a bundle that is too old',
      aspect: 'positive',
      yaml: crd('v1.4.1'),
      expect: [{ resource: 'CustomResourceDefinition tlsroutes.gateway.networking.k8s.io' }],
    },
    {
      title: 'a candidate of the least bundle',
      aspect: 'negative',
      yaml: crd('v1.5.0-rc.1'),
      expect: [],
    },
  ],
});
