import { parentPort, workerData } from 'node:worker_threads';
import { openKubeClient } from '../../kube/client.ts';
import { makeResources } from '../../kube/resources.ts';
import type { FromThread, ThreadStart, ToThread } from './in-thread.ts';
import { runAdmission } from './run.ts';

/**
 * The admission as a thread of its own, with its own connections to the API server: what else the agent is busy with
 * (dumps of ztunnels, metrics, bundles) keeps no write waiting. Ends when it is told to.
 */
async function run(): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('this runs as a thread of the agent');
  const { kube, place, timing, ...start } = workerData as ThreadStart;
  const send = (message: FromThread) => port.postMessage(message);
  const stop = new AbortController();
  let { settings, token, aheadMs } = start;
  port.on('message', (message: ToThread) => {
    if (message.settings) settings = message.settings;
    if (message.clock) ({ token, aheadMs } = message.clock);
    if (message.stop) stop.abort();
  });
  const client = openKubeClient({
    server: new URL(kube.server),
    tls: kube.tls as Parameters<typeof openKubeClient>[0]['tls'],
    token: async () => token,
  });
  try {
    await runAdmission(
      {
        cluster: { client, resources: makeResources(client) },
        place,
        nowMs: () => Date.now() + aheadMs,
        say: (level, message) => send({ level, message }),
        ...(timing ? { timing } : {}),
      },
      () => settings,
      stop.signal,
    );
  } finally {
    client.close();
    port.close();
  }
}

await run();
