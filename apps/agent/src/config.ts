import { z } from 'zod';

/** An address without its trailing slash. */
const address = z
  .url({ protocol: /^https?$/, error: 'an address such as https://ambit.example.com' })
  .transform((url) => url.replace(/\/+$/, ''));

const configSchema = z.object({
  /** Where the platform is. */
  AMBIT_PLATFORM_URL: address,
  /** Only looked at when there is no credential yet, or when it is a new one. */
  AMBIT_JOIN_TOKEN: z.string().optional(),
  AMBIT_AGENT_NAMESPACE: z.string().default('ambit-system'),
  POD_NAME: z.string().default(`ambit-agent-${process.pid}`),
  /** Folder that survives a restart of the container: the last desired state and its bundles. */
  AMBIT_AGENT_CACHE: z.string().default('/tmp/ambit-agent'),
  AMBIT_AGENT_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** Where writes in the cluster are asked about, when the mesh wants it. */
  AMBIT_AGENT_WEBHOOK_PORT: z.coerce.number().int().min(0).max(65_535).default(9443),
  /** Outside a cluster: how its API server reaches that port, such as https://192.0.2.1:9443. */
  AMBIT_AGENT_WEBHOOK_URL: address.optional(),
  /** How pods are reached: by their address, or through the API server where the agent is not in their network. */
  AMBIT_AGENT_PROXIES: z.enum(['direct', 'api-server']).optional(),
  /** Where pods reach this agent for waypoints that sleep; its own pod's address when missing. */
  AMBIT_AGENT_ADDRESS: z.union([z.ipv4(), z.ipv6()]).optional(),
  /** Reads for the platform may go to servers on this machine: for an agent that runs on a person's own. */
  AMBIT_AGENT_READ_LOOPBACK: z.stringbool().default(false),
  /** How long a copy that stopped renewing keeps the lead. */
  AMBIT_AGENT_LEASE_S: z.coerce.number().int().min(3).max(300).default(15),
  AMBIT_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Outside a cluster: the kubeconfig to use. */
  KUBECONFIG: z.string().optional(),
});

export interface AgentConfig {
  platformUrl: string;
  joinToken: string | undefined;
  namespace: string;
  podName: string;
  cacheFolder: string;
  healthPort: number;
  webhook: { port: number; url: string | undefined };
  proxies: 'direct' | 'api-server';
  /** Where pods reach this agent; missing: at its own pod's address. */
  address: string | undefined;
  readLoopback: boolean;
  leaseMs: number;
  logLevel: z.infer<typeof configSchema>['AMBIT_LOG_LEVEL'];
  kubeconfig: string | undefined;
}

/** @throws Error with one line for each variable that is wrong */
export function readConfig(env: Record<string, string | undefined>): AgentConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = configSchema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the environment of the agent is not right:\n${lines.join('\n')}`);
  }
  const { data } = parsed;
  return {
    platformUrl: data.AMBIT_PLATFORM_URL,
    joinToken: data.AMBIT_JOIN_TOKEN,
    namespace: data.AMBIT_AGENT_NAMESPACE,
    podName: data.POD_NAME,
    cacheFolder: data.AMBIT_AGENT_CACHE,
    healthPort: data.AMBIT_AGENT_HEALTH_PORT,
    webhook: { port: data.AMBIT_AGENT_WEBHOOK_PORT, url: data.AMBIT_AGENT_WEBHOOK_URL },
    proxies: data.AMBIT_AGENT_PROXIES ?? (data.KUBECONFIG ? 'api-server' : 'direct'),
    address: data.AMBIT_AGENT_ADDRESS,
    readLoopback: data.AMBIT_AGENT_READ_LOOPBACK,
    leaseMs: data.AMBIT_AGENT_LEASE_S * 1000,
    logLevel: data.AMBIT_LOG_LEVEL,
    kubeconfig: data.KUBECONFIG,
  };
}
