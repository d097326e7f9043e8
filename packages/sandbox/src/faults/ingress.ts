import type { Action } from '../client/actions.ts';
import type { View } from '../client/cache.ts';
import { nothing, type Controller } from '../client/controller.ts';
import { simulatedLabel } from '../simulated.ts';
import { shopNamespace } from '../shop/services.ts';
import { makeTlsPair, type TlsPair } from './certificates.ts';

const namespace = shopNamespace;
const [gatewayName, secretName, host] = ['ingress', 'ingress-tls', 'shop.example.com'];
export const ingressTarget = `${namespace}/${gatewayName}`;
const gateways = 'gateways.gateway.networking.k8s.io';
const dayMs = 24 * 60 * 60 * 1000;
/** Days from now to the end of the certificate. */
const endsIn = { expired: -1, expiring: 10 } as const;
export type IngressState = keyof typeof endsIn;

export interface Ingress {
  /** null takes the Gateway and its certificate away again. */
  set(state: IngressState | null): void;
  controller: Controller;
}

/**
 * An ingress Gateway of the shop whose certificate has expired, or soon will: it is there only while that is simulated.
 * The certificate is a real one of a key of its own.
 * @param changed the controller is to look again
 */
export function createIngress(
  changed: (key: string) => void,
  onError: (error: unknown) => void,
): Ingress {
  let wanted: IngressState | null = null;
  let pair: TlsPair | undefined;
  return {
    set: (state) => {
      wanted = state;
      pair = undefined;
      if (state === null) return changed(ingressTarget);
      const untilMs = Date.now() + endsIn[state] * dayMs;
      const made = makeTlsPair(host, new Date(untilMs - 365 * dayMs), new Date(untilMs));
      made.then((each) => {
        if (wanted !== state) return;
        pair = each;
        changed(ingressTarget);
      }, onError);
    },
    controller: {
      name: 'shop-ingress',
      manager: 'sandbox',
      triggers: {
        secrets: ({ metadata }) => (metadata.name === secretName ? [ingressTarget] : []),
        [gateways]: ({ metadata }) => (metadata.name === gatewayName ? [ingressTarget] : []),
      },
      decide: (key, view) => {
        if (key !== ingressTarget) return nothing;
        if (wanted === null) return { actions: takeAway(view) };
        return { actions: pair ? make(view, pair) : [] };
      },
    },
  };
}

/** Why there can be no Gateway; null when there can. */
export function ingressRefusal(view: View): string | null {
  if (view.get('namespaces', '', namespace) === undefined)
    return `there is no namespace ${namespace} for the Gateway`;
  const served = view.get('customresourcedefinitions.apiextensions.k8s.io', '', gateways);
  return served && !served.metadata.deletionTimestamp
    ? null
    : 'the cluster knows no Gateways yet: create a mesh in it first';
}

const metadata = (name: string) => ({
  name,
  namespace,
  labels: { [simulatedLabel]: 'true' },
  annotations: { 'ambit.dev/simulated-fault': 'ingress-certificate' },
});
const isOurs = (object: { metadata: { annotations?: Record<string, string> } }): boolean =>
  object.metadata.annotations?.['ambit.dev/simulated-fault'] === 'ingress-certificate';

function make(view: View, pair: TlsPair): Action[] {
  const data = {
    'tls.crt': Buffer.from(pair.certificate).toString('base64'),
    'tls.key': Buffer.from(pair.key).toString('base64'),
  };
  const secret = view.get('secrets', namespace, secretName);
  const actions: Action[] = [];
  if (secret === undefined) {
    const type = 'kubernetes.io/tls';
    const object = { apiVersion: 'v1', kind: 'Secret', metadata: metadata(secretName), type, data };
    actions.push({ do: 'create', object });
  } else if (isOurs(secret) && secret.data?.['tls.crt'] !== data['tls.crt']) {
    const ref = { namespace, name: secretName };
    actions.push({ do: 'patch', kind: 'secrets', ref, patch: { data } });
  }
  if (view.get(gateways, namespace, gatewayName) === undefined)
    actions.push({ do: 'create', object: gatewayObject() });
  return actions;
}

const gatewayObject = () => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: metadata(gatewayName),
  spec: {
    gatewayClassName: 'istio',
    listeners: [
      {
        name: 'https',
        hostname: host,
        port: 443,
        protocol: 'HTTPS',
        tls: { mode: 'Terminate', certificateRefs: [{ name: secretName }] },
      },
    ],
  },
});

/** Whatever of it is there, also from before a restart: faults do not outlive one. */
function takeAway(view: View): Action[] {
  return (
    [
      [gateways, gatewayName],
      ['secrets', secretName],
    ] as const
  ).flatMap(([kind, name]) => {
    const object = view.get(kind, namespace, name);
    if (object === undefined || object.metadata.deletionTimestamp || !isOurs(object)) return [];
    return [{ do: 'delete', kind, ref: { namespace, name } } satisfies Action];
  });
}
