import type { Path, Resource } from '../resource.ts';
import type { View } from '../view.ts';
import { gatewayOf } from './gateway-names.ts';
import { workloadNamespace } from './gateway-workloads.ts';

export type Credential = { name: string; secret: { namespace: string; name: string }; path: Path };

/** Credentials of a Gateway's servers, and the Secrets that they mean: of the namespace of the gateway's pods. */
export function credentials({ spec }: Resource<'Gateway'>, view: View): Credential[] {
  const namespace = workloadNamespace(view, spec.selector);
  if (namespace === undefined || (view.parity && namespace === '')) return [];
  return (spec.servers ?? []).flatMap(({ tls }, index) => {
    const name = tls?.credentialName;
    if (!name) return [];
    const path = ['spec', 'servers', index, 'tls', 'credentialName'];
    return [{ name, secret: gatewayOf(namespace, name), path }];
  });
}

/** The Secret of a credential, if it exists. */
export const secretOf = (view: View, { secret }: Credential): Resource<'Secret'> | undefined =>
  view.get('Secret', secret.namespace, secret.name);
