import { matches } from '../controllers/selectors.ts';
import type { Container, Pod, Webhook, WebhookConfiguration } from '../objects.ts';
import { revisionLabel, type ProxySettings } from './control-plane.ts';

export interface Injector {
  webhook: Webhook;
  revision: string;
}

type Labels = Record<string, string>;

/** The webhook that injects a pod, by the selectors of the configurations, or undefined when none does. */
export function injectorFor(
  pod: Pick<Pod, 'metadata' | 'spec'>,
  namespaceLabels: Labels,
  configurations: WebhookConfiguration[],
): Injector | undefined {
  if (!mayBeInjected(pod)) return undefined;
  for (const { metadata, webhooks = [] } of configurations) {
    const webhook = webhooks.find(
      (one) =>
        isInjector(one) &&
        matches(one.namespaceSelector ?? {}, namespaceLabels) &&
        matches(one.objectSelector ?? {}, pod.metadata.labels),
    );
    if (webhook) return { webhook, revision: metadata.labels?.[revisionLabel] ?? 'default' };
  }
  return undefined;
}

const isInjector = ({ name, clientConfig }: Webhook): boolean =>
  name.includes('sidecar-injector') || (clientConfig.service?.path ?? '').startsWith('/inject');

/** Istio never injects pods of the node's network, nor those that carry a proxy or say no (istio.io, "Installing the Sidecar"). */
function mayBeInjected({ metadata, spec }: Pick<Pod, 'metadata' | 'spec'>): boolean {
  if (spec.hostNetwork) return false;
  const wish =
    metadata.labels?.['sidecar.istio.io/inject'] ??
    metadata.annotations?.['sidecar.istio.io/inject'];
  if (wish === 'false') return false;
  return ![...(spec.containers ?? []), ...(spec.initContainers ?? [])].some(
    ({ name }) => name === 'istio-proxy',
  );
}

/** The pod with its proxy: istio-init, and istio-proxy as a native sidecar, as istiod injects on Kubernetes 1.33 and later. */
export function injected(
  pod: Pick<Pod, 'metadata' | 'spec'>,
  { image, resources }: ProxySettings,
  revision: string,
): Pick<Pod, 'metadata' | 'spec'> {
  const { metadata, spec } = pod;
  const labels = metadata.labels ?? {};
  const service = labels['app.kubernetes.io/name'] ?? labels.app ?? metadata.name ?? '';
  const version = labels['app.kubernetes.io/version'] ?? labels.version ?? 'latest';
  const init: Container = {
    name: 'istio-init',
    image,
    args: ['istio-iptables', '-p', '15001', '-z', '15006', '-u', '1337', '-m', 'REDIRECT'],
  };
  const proxy: Container = {
    name: 'istio-proxy',
    image,
    restartPolicy: 'Always',
    args: ['proxy', 'sidecar', '--domain', `${metadata.namespace}.svc.cluster.local`],
    ports: [{ name: 'http-envoy-prom', containerPort: 15090, protocol: 'TCP' }],
    readinessProbe: { initialDelaySeconds: 0, periodSeconds: 15 },
    ...(resources === undefined ? {} : { resources }),
  };
  return {
    spec: { ...spec, initContainers: [init, proxy, ...(spec.initContainers ?? [])] },
    metadata: {
      ...metadata,
      labels: {
        ...labels,
        'security.istio.io/tlsMode': 'istio',
        ...(service === ''
          ? {}
          : {
              'service.istio.io/canonical-name':
                labels['service.istio.io/canonical-name'] ?? service,
            }),
        'service.istio.io/canonical-revision':
          labels['service.istio.io/canonical-revision'] ?? version,
      },
      annotations: {
        ...metadata.annotations,
        [revisionLabel]: revision,
        'sidecar.istio.io/status': JSON.stringify({
          initContainers: ['istio-init', 'istio-proxy'],
          containers: null,
          revision,
          simulated: true,
        }),
      },
    },
  };
}
