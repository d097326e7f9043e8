import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createKubeApi, type KubeApi, type KubeApiOptions } from '../api.ts';
import { nodeListener } from '../http/node.ts';
import { clusterKinds } from '../kinds/native.ts';
import { createMemoryStore } from '../store/memory.ts';
import type { KubeObject } from '../types.ts';

export const namespaceObject = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
});

export interface TestServer {
  api: KubeApi;
  url: string;
  server: Server;
  close(): Promise<void>;
}

/** An API with the kinds of a cluster and a namespace `default`. */
export function testApi(options: Partial<KubeApiOptions> = {}): KubeApi {
  return createKubeApi({
    kinds: clusterKinds,
    store: createMemoryStore(),
    initial: [namespaceObject('default'), namespaceObject('kube-system')],
    ...options,
  });
}

/** The same behind node:http on a free port of the loopback. */
export async function testServer(
  options: Partial<KubeApiOptions> = {},
  port = 0,
): Promise<TestServer> {
  const api = testApi(options);
  const server = createServer(nodeListener(() => api));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: bound } = server.address() as AddressInfo;
  return {
    api,
    url: `http://127.0.0.1:${bound}${api.basePath}`,
    server,
    close: async () => {
      api.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
