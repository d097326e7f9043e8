/** Kinds in words: the diagnosis tells the two Gateways apart by a name that no cluster knows. */
export const kindsText = (kinds: readonly string[]): string =>
  kinds.map((kind) => (kind === 'KubernetesGateway' ? 'Gateway (Gateway API)' : kind)).join(', ');
