import type { KubeObject } from '@ambit/contracts/common';
import { maker, systemNamespace } from './objects.ts';
import type { ReleaseSettings } from './settings.ts';

interface Expression {
  key: string;
  operator: string;
  values?: string[];
}

const is = (key: string, ...values: string[]): Expression => ({ key, operator: 'In', values });
const isNot = (key: string, ...values: string[]): Expression => ({
  key,
  operator: 'NotIn',
  values,
});
const lacks = (key: string): Expression => ({ key, operator: 'DoesNotExist' });

const injection = 'istio-injection';
const revision = 'istio.io/rev';
const podWish = 'sidecar.istio.io/inject';

/**
 * Which pods are injected: by the namespace's label or the pod's own, as Istio decides it for the default revision
 * (istio.io, "Installing the Sidecar", "Controlling the injection policy").
 */
const cases: { name: string; namespace: Expression[]; pod: Expression[] }[] = [
  {
    name: 'rev.namespace',
    namespace: [is(revision, 'default'), lacks(injection)],
    pod: [isNot(podWish, 'false')],
  },
  {
    name: 'rev.object',
    namespace: [lacks(revision), lacks(injection)],
    pod: [isNot(podWish, 'false'), is(revision, 'default')],
  },
  {
    name: 'namespace',
    namespace: [is(injection, 'enabled')],
    pod: [isNot(podWish, 'false')],
  },
  {
    name: 'object',
    namespace: [lacks(injection), lacks(revision)],
    pod: [is(podWish, 'true'), lacks(revision)],
  },
];

/** Webhooks of injection and of validation. istiod fills in their CA and raises failurePolicy of validation. */
export function webhookObjects({ version }: ReleaseSettings): KubeObject[] {
  const { ofCluster } = maker(version);
  const call = (path: string) => ({
    service: { name: 'istiod', namespace: systemNamespace, path, port: 443 },
  });
  const common = { sideEffects: 'None', admissionReviewVersions: ['v1'] };
  return [
    ofCluster(
      'admissionregistration.k8s.io/v1',
      'MutatingWebhookConfiguration',
      'istio-sidecar-injector',
      {
        webhooks: cases.map(({ name, namespace, pod }) => ({
          name: `${name}.sidecar-injector.istio.io`,
          clientConfig: call('/inject'),
          failurePolicy: 'Fail',
          namespaceSelector: { matchExpressions: namespace },
          objectSelector: { matchExpressions: pod },
          rules: [
            { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] },
          ],
          ...common,
        })),
      },
      { app: 'sidecar-injector', [revision]: 'default' },
    ),
    ofCluster(
      'admissionregistration.k8s.io/v1',
      'ValidatingWebhookConfiguration',
      `istio-validator-${systemNamespace}`,
      {
        webhooks: [
          { name: 'rev.validation.istio.io', object: [is(revision, 'default')] },
          { name: 'validation.istio.io', object: [lacks(revision)] },
        ].map(({ name, object }) => ({
          name,
          clientConfig: call('/validate'),
          failurePolicy: 'Ignore',
          objectSelector: { matchExpressions: object },
          rules: [
            {
              operations: ['CREATE', 'UPDATE'],
              apiGroups: [
                'security.istio.io',
                'networking.istio.io',
                'telemetry.istio.io',
                'extensions.istio.io',
              ],
              apiVersions: ['*'],
              resources: ['*'],
            },
          ],
          ...common,
        })),
      },
      { app: 'istiod', [revision]: 'default' },
    ),
  ];
}
