/** Names of what the join manifest installs; the agent itself finds its namespace in its environment. */
export const agentNamespace = 'ambit-system';
export const agentName = 'ambit-agent';
export const joinSecretName = 'ambit-join';
export const secretsRoleName = 'ambit-agent-secrets';
export const proxiesRoleName = 'ambit-agent-proxies';

/** On every object of the manifest, so that one command removes them all. */
export const installLabel = { key: 'ambit.dev/install', value: 'agent' } as const;
