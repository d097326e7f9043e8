import { isIpAddress } from '@ambit/istio/validation/shared/ip';
import { goUrlHost, parseGoUrl } from '@ambit/istio/validation/shared/go-url';
import type { WebhookClientConfig } from '../kubernetes.ts';
import type { Path, Resource } from '../resource.ts';

type WebhookKind = 'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration';

export type ControlPlaneHook = {
  hook: string;
  client: WebhookClientConfig;
  /** Of the client's configuration. */
  path: Path;
};

/** The webhooks of a configuration that is Istio's validation or injection; none for others. */
export function controlPlaneHooks(subject: Resource<WebhookKind>): ControlPlaneHook[] {
  const { kind, name, spec } = subject;
  const isIstio =
    kind === 'ValidatingWebhookConfiguration'
      ? name === 'istiod-default-validator' || name.startsWith('istio-validator')
      : name.startsWith('istio-sidecar-injector');
  if (!isIstio) return [];
  return (spec.webhooks ?? []).map((webhook, at) => ({
    hook: webhook.name ?? '',
    client: webhook.clientConfig ?? {},
    path: ['webhooks', at, 'clientConfig'],
  }));
}

/** What is wrong with where an external control plane is said to be. */
export function addressProblem({
  client,
}: ControlPlaneHook): 'blank' | 'malformed' | 'ip' | undefined {
  const { url, service } = client;
  if (url === undefined || url === null) return service ? undefined : 'blank';
  if (!parseGoUrl(url)) return 'malformed';
  return isIpAddress(goUrlHost(url)) && !goUrlHost(url).includes('%') ? 'ip' : undefined;
}
