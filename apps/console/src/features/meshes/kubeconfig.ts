interface Kubeconfig {
  'current-context': string;
  clusters: { name: string; cluster: { server: string } }[];
  contexts: { name: string; context: { cluster: string; user: string; namespace: string } }[];
  users: { name: string; user: Record<string, unknown> }[];
}

/** Stands for a token in the address of a platform without TLS. */
const placeholder = 'AMBIT_TOKEN';

/** The kubeconfig with a token in it, wherever the platform's address wants one. */
export function withToken<T extends Kubeconfig>(config: T, token: string): T {
  const holds = config.clusters.some(({ cluster }) => cluster.server.includes(placeholder));
  return {
    ...config,
    clusters: config.clusters.map(({ name, cluster }) => ({
      name,
      cluster: { server: cluster.server.replace(placeholder, token) },
    })),
    users: holds ? config.users : config.users.map(({ name }) => ({ name, user: { token } })),
  };
}

/** As YAML with every value as JSON, which YAML takes. */
export function kubeconfigText(config: Kubeconfig): string {
  const list = (name: string, items: { name: string; [field: string]: unknown }[]): string[] => [
    `${name}:`,
    ...items.flatMap((item) =>
      Object.entries(item).map(
        ([key, value], index) => `${index === 0 ? '- ' : '  '}${key}: ${JSON.stringify(value)}`,
      ),
    ),
  ];
  return [
    'apiVersion: v1',
    'kind: Config',
    `current-context: ${JSON.stringify(config['current-context'])}`,
    ...list('clusters', config.clusters),
    ...list('contexts', config.contexts),
    ...list('users', config.users),
    '',
  ].join('\n');
}
