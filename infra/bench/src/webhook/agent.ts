// The agent's admission alone, in a process of its own, on the cluster of a kubeconfig: `agent.ts KUBECONFIG`. Prints a
// line once API servers are asked to ask it, and ends with its standard input.
import { createServer } from 'node:net';
import { makeAdmission } from '@ambit/agent/controllers/admission/manager';
import { openKubeClient } from '@ambit/agent/kube/client';
import { fileConfig } from '@ambit/agent/kube/config';
import { makeResources } from '@ambit/agent/kube/resources';

const [config = ''] = process.argv.slice(2);
const client = openKubeClient(await fileConfig(config));
const port = await new Promise<number>((resolve) => {
  const server = createServer();
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
  });
});
const admission = makeAdmission({
  cluster: { client, resources: makeResources(client) },
  place: { namespace: 'ambit-system', port, url: `https://127.0.0.1:${port}` },
  nowMs: Date.now,
  say: (_, message) => process.stderr.write(`${message}\n`),
});
admission.want({
  mode: 'deny',
  rules: { '*': 'deny' },
  suppressions: [],
  alone: true,
  meshConfig: {},
});
process.stdin.on('end', () => process.exit(0)).resume();
