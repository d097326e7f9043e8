import type { View } from '../client/cache.ts';
import type { Action } from '../client/actions.ts';
import {
  keyOf,
  nothing,
  splitKey,
  type Controller,
  type Decision,
  type Triggers,
} from '../client/controller.ts';
import { patch, setStatus, withConditions } from '../controllers/common.ts';
import type { WebhookConfiguration } from '../objects.ts';
import { controlPlanes, isIstiod, revisionLabel, type ControlPlane } from './control-plane.ts';

/** A root as istiod makes one, until November 2036; nobody has its key. */
export const rootCertificate = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBpTCCAUqgAwIBAgIRAOmOsuSMtkJiwazpl7tgjIEwCgYIKoZIzj0EAwIwQTEW',
  'MBQGA1UEChMNY2x1c3Rlci5sb2NhbDEnMCUGA1UECxMeU2ltdWxhdGVkIGJ5IHRo',
  'ZSBBbWJpdCBzYW5kYm94MB4XDTI2MTEyNTAwMDAwMFoXDTM2MTEyMjAwMDAwMFow',
  'QTEWMBQGA1UEChMNY2x1c3Rlci5sb2NhbDEnMCUGA1UECxMeU2ltdWxhdGVkIGJ5',
  'IHRoZSBBbWJpdCBzYW5kYm94MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBXDr',
  'rBvu2lU035mp+5F4qnxwDinEpMLKCenSSa344dr3TM+eHfPAWH6+SLXQBBk99a/F',
  'Bw7niRPwh9ELgykhFqMjMCEwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMC',
  'AgQwCgYIKoZIzj0EAwIDSQAwRgIhAOyA5IQtkuLlxd2wpBumTYovrnSJsGeYSx5o',
  'WlY9aFJTAiEAn3xI0DjRcs8xEg0ZTYpX+ZDLW/qG8H/d49gKXQmeGMk=',
  '-----END CERTIFICATE-----',
  '',
].join('\n');
const caBundle = Buffer.from(rootCertificate).toString('base64');

const mutating = 'mutatingwebhookconfigurations.admissionregistration.k8s.io';
const validating = 'validatingwebhookconfigurations.admissionregistration.k8s.io';
const classes = 'gatewayclasses.gateway.networking.k8s.io';

const everyIstiod = (_object: unknown, view: View): string[] =>
  view.list('deployments.apps').filter(isIstiod).map(keyOf);
const triggers: Triggers = {
  'deployments.apps': (deployment) => (isIstiod(deployment) ? [keyOf(deployment)] : []),
  namespaces: everyIstiod,
  [mutating]: everyIstiod,
  [validating]: everyIstiod,
  [classes]: everyIstiod,
  configmaps: (map, view) =>
    map.metadata.name === 'istio-ca-root-cert' ? everyIstiod(map, view) : [],
  secrets: (secret, view) =>
    secret.metadata.name === 'istio-ca-secret' ? everyIstiod(secret, view) : [],
  'customresourcedefinitions.apiextensions.k8s.io': everyIstiod,
};

/** What istiod writes while it runs: webhooks, root certificates, its CA, Gateway classes, elections. */
export const istiodController: Controller = {
  name: 'istiod',
  manager: 'pilot-discovery',
  triggers,
  decide: (key, view, now) => {
    const [namespace, name] = splitKey(key);
    const plane = controlPlanes(view).find(
      (one) => one.namespace === namespace && one.name === name,
    );
    if (!plane?.ready) return nothing;
    return decideIstiod(plane, view, now);
  },
};

export function decideIstiod(plane: ControlPlane, view: View, now: Date): Decision {
  const ofRevision = ({ metadata }: WebhookConfiguration): boolean =>
    metadata.labels?.[revisionLabel] === plane.revision && metadata.deletionTimestamp === undefined;
  const actions = [
    ...view
      .list(mutating)
      .filter(ofRevision)
      .flatMap((one) => webhooks(one, false)),
    ...view
      .list(validating)
      .filter(ofRevision)
      .flatMap((one) => webhooks(one, true)),
    ...roots(view),
    ...authority(plane, view),
    ...gatewayClasses(view, now),
    ...elections(plane, view),
  ];
  return { actions };
}

/** istiod fills in its CA, and raises failurePolicy of validation once it serves. */
function webhooks(configuration: WebhookConfiguration, raise: boolean): Action[] {
  const ours = (configuration.webhooks ?? []).map((webhook) => ({
    ...webhook,
    clientConfig: { ...webhook.clientConfig, caBundle },
    ...(raise ? { failurePolicy: 'Fail' } : {}),
  }));
  const same = (configuration.webhooks ?? []).every(
    ({ clientConfig, failurePolicy }) =>
      clientConfig.caBundle === caBundle && (!raise || failurePolicy === 'Fail'),
  );
  return same ? [] : [patch(configuration, { webhooks: ours })];
}

function roots(view: View): Action[] {
  return view
    .list('namespaces')
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap(({ metadata: { name: namespace } }): Action[] => {
      if (view.get('configmaps', namespace, 'istio-ca-root-cert')) return [];
      return [
        {
          do: 'create',
          object: {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: {
              name: 'istio-ca-root-cert',
              namespace,
              labels: { 'istio.io/config': 'true' },
            },
            data: { 'root-cert.pem': rootCertificate },
          },
        },
      ];
    });
}

function authority({ namespace }: ControlPlane, view: View): Action[] {
  if (view.get('secrets', namespace, 'istio-ca-secret')) return [];
  const pem = Buffer.from(rootCertificate).toString('base64');
  const key = Buffer.from('Simulated by the Ambit sandbox: this is not a key.').toString('base64');
  return [
    {
      do: 'create',
      object: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'istio-ca-secret', namespace },
        type: 'istio.io/ca-root',
        data: { 'ca-cert.pem': pem, 'ca-key.pem': key, 'root-cert.pem': pem },
      },
    },
  ];
}

const classControllers: Record<string, string> = {
  istio: 'istio.io/gateway-controller',
  'istio-remote': 'istio.io/unmanaged-gateway',
  'istio-waypoint': 'istio.io/mesh-controller',
};

function gatewayClasses(view: View, now: Date): Action[] {
  const served = view.get('customresourcedefinitions.apiextensions.k8s.io', '', classes);
  if (served === undefined || served.metadata.deletionTimestamp) return [];
  return Object.entries(classControllers).flatMap(([name, controllerName]): Action[] => {
    const live = view.get(classes, '', name);
    if (live === undefined) {
      return [
        {
          do: 'create',
          object: {
            apiVersion: 'gateway.networking.k8s.io/v1',
            kind: 'GatewayClass',
            metadata: { name },
            spec: { controllerName, description: `The Istio class ${name} (simulated)` },
          },
        },
      ];
    }
    const accepted = {
      type: 'Accepted',
      status: 'True' as const,
      reason: 'Accepted',
      message: 'Handled by Istio controller (simulated)',
      observedGeneration: live.metadata.generation ?? 1,
    };
    return setStatus(live, {
      conditions: withConditions(live.status?.conditions, [accepted], now),
    });
  });
}

const elected = [
  'istio-leader',
  'istio-namespace-controller-election',
  'istio-gateway-status-leader',
];

function elections({ namespace, name, revision }: ControlPlane, view: View): Action[] {
  const maps = elected
    .filter((map) => view.get('configmaps', namespace, map) === undefined)
    .map((map): Action => ({
      do: 'create',
      object: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: map,
          namespace,
          annotations: {
            'control-plane.alpha.kubernetes.io/leader': JSON.stringify({ holderIdentity: name }),
          },
        },
      },
    }));
  const lease = `istio-gateway-deployment-${revision}`;
  if (view.get('leases.coordination.k8s.io', namespace, lease)) return maps;
  return [
    ...maps,
    {
      do: 'create',
      object: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: lease, namespace },
        spec: { holderIdentity: name, leaseDurationSeconds: 30 },
      },
    },
  ];
}
