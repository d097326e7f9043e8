import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createKubeApi } from '../src/api.ts';
import { createTlsServer, nodeListener } from '../src/http/node.ts';
import { policyKinds } from '../src/kinds/native.ts';
import { createMemoryStore } from '../src/store/memory.ts';
import { meshKinds } from '../src/testing/crds.ts';

/** The server under test as a program of its own: prints its port, serves until it is ended. */
const [keyFile, certFile] = process.argv.slice(2);
const api = createKubeApi({
  kinds: [...policyKinds, ...((await meshKinds()) ?? [])],
  store: createMemoryStore(),
  initial: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }],
  onError: (error) => console.error(error),
});
const listener = nodeListener(() => api);
const server =
  keyFile !== undefined && certFile !== undefined
    ? createTlsServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, listener)
    : createServer(listener);
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
