import type { ReadWithDefaults } from '@ambit/contracts/agent/reads';
import { KubeError, type KubeClient } from '../../kube/client.ts';
import type { PodHttp } from '../../kube/pod-http.ts';
import { ReadError, type ReadSink } from '../../link/reads.ts';
import type { ProxyPod } from '../proxies/facts.ts';
import { readAdmin } from './admin.ts';
import { readEvents } from './events.ts';
import { readHttp } from './http.ts';
import { readLogs } from './logs.ts';

export interface ReadTools {
  client: KubeClient;
  pods: PodHttp;
  /** Proxies and the control plane: nothing else's admin interface or log is read. */
  proxy(namespace: string, pod: string): ProxyPod | undefined;
  allowLoopback: boolean;
}

/** Does one read. Every kind only looks. @throws ReadError */
export async function runRead(
  tools: ReadTools,
  read: ReadWithDefaults,
  sink: ReadSink,
  signal: AbortSignal,
): Promise<void> {
  const { client } = tools;
  const known = ({ namespace, pod }: { namespace: string; pod: string }): ProxyPod => {
    const found = tools.proxy(namespace, pod);
    if (found) return found;
    throw new ReadError('notFound', `there is no pod ${namespace}/${pod} with a proxy`);
  };
  try {
    switch (read.kind) {
      case 'http':
        return await readHttp(
          read,
          { apiServer: client.config.server, allowLoopback: tools.allowLoopback },
          sink,
          signal,
        );
      case 'proxy-admin':
        return await readAdmin(tools.pods, read, known(read), sink, signal);
      case 'logs': {
        const { container } = known(read);
        if (read.container !== undefined && read.container !== container) {
          throw new ReadError(
            'refused',
            `only the container ${container} of ${read.namespace}/${read.pod} is read: logs of applications stay in the cluster`,
          );
        }
        const answer = await readLogs(client, { ...read, container }, signal);
        return await sink.write(Buffer.from(JSON.stringify(answer)));
      }
      case 'events':
        return await sink.write(
          Buffer.from(JSON.stringify(await readEvents(client, read, signal))),
        );
    }
  } catch (error) {
    if (error instanceof KubeError) throw fromKube(error);
    throw error;
  }
}

function fromKube({ status, message }: KubeError): ReadError {
  if (status === 404) return new ReadError('notFound', message);
  if (status === 403) {
    return new ReadError(
      'refused',
      `the agent may not do that (${message}); apply its join manifest again, with the role ambit-agent-proxies`,
    );
  }
  return new ReadError('failed', `the Kubernetes API answered ${status}: ${message}`);
}
