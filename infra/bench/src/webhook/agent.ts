// The agent's admission, in a process of its own, on the cluster of a kubeconfig: `agent.ts KUBECONFIG [here] [busy]`.
// `here`: in the agent's own thread instead of one of its own; `busy`: with the rest of an agent's work beside it. Ends
// with its standard input.
import { createServer } from 'node:net';
import { serveInThread } from '@ambit/agent/controllers/admission/in-thread';
import { makeAdmission } from '@ambit/agent/controllers/admission/manager';
import { serveHere } from '@ambit/agent/controllers/admission/serve-here';
import { openKubeClient } from '@ambit/agent/kube/client';
import { fileConfig } from '@ambit/agent/kube/config';
import { makeResources } from '@ambit/agent/kube/resources';
import { keepBusy } from './busy.ts';

const [config = '', ...how] = process.argv.slice(2);
const client = openKubeClient(await fileConfig(config));
const port = await new Promise<number>((resolve) => {
  const server = createServer();
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
  });
});
const admission = makeAdmission(
  {
    cluster: { client, resources: makeResources(client) },
    place: { namespace: 'ambit-system', port, url: `https://127.0.0.1:${port}` },
    nowMs: Date.now,
    say: (_, message) => process.stderr.write(`${message}\n`),
  },
  how.includes('here') ? serveHere : serveInThread,
);
if (how.includes('busy')) keepBusy(new AbortController().signal);
admission.want({
  mode: 'deny',
  rules: { '*': 'deny' },
  suppressions: [],
  alone: true,
  meshConfig: {},
});
process.stdin.on('end', () => process.exit(0)).resume();
