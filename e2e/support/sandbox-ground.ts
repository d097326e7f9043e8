import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '@ambit/run/root';
import type { KubeObject } from '@ambit/run/testing/kubectl';
import { endLaunch, launchPlatform, newHome, readAdmin } from '@ambit/run/testing/launcher';
import { startSandbox, type Sandbox } from '@ambit/sandbox/start';
import { hasCommand } from '@ambit/kube-api/testing/kubectl';
import type { Ground } from './ground.ts';
import { kubeClient } from './kube-client.ts';
import type { Counts } from './traffic.ts';

const service = 'catalogue';

/**
 * A sandbox of its own as a ground, beside a platform that runs none: it has to be joined like any cluster. Where a
 * kubelet would start the agent's image, the very program in that image is started here with the same variables.
 */
export async function sandboxGround(): Promise<Ground & { end(): Promise<void> }> {
  const home = newHome();
  const launch = launchPlatform({ AMBIT_HOME: home, AMBIT_PORT: '0' });
  const sandbox = await startSandbox();
  const kube = kubeClient(sandbox.url);
  const kubeconfig = join(home, 'sandbox.kubeconfig');
  let agent: ChildProcess | undefined;

  async function startAgent(): Promise<void> {
    const [deployment] = await kube.list<AgentDeployment>('deployments.apps', 'ambit-system');
    const [secret] = await kube.list<JoinSecret>(
      'secrets',
      'ambit-system',
      '?fieldSelector=metadata.name=ambit-join',
    );
    const given = deployment?.spec.template.spec.containers[0]?.env ?? [];
    const plain = given.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
    agent = spawn(process.execPath, [join(root, 'apps/agent/dist/agent.mjs')], {
      stdio: 'ignore',
      env: {
        ...process.env,
        ...Object.fromEntries(plain),
        KUBECONFIG: kubeconfig,
        POD_NAME: 'ambit-agent-journey',
        AMBIT_AGENT_CACHE: join(home, 'agent'),
        AMBIT_AGENT_HEALTH_PORT: '0',
        ...(secret ? { AMBIT_JOIN_TOKEN: tokenIn(secret) } : {}),
      },
    });
  }
  async function endAgent(signal: NodeJS.Signals): Promise<void> {
    if (agent === undefined || agent.exitCode !== null) return;
    const ended = once(agent, 'exit');
    agent.kill(signal);
    await ended;
  }
  async function end(): Promise<void> {
    await endAgent('SIGTERM');
    await sandbox.close();
    await endLaunch(launch);
    rmSync(home, { recursive: true, force: true });
  }

  try {
    await launch.ready;
    await writeFile(kubeconfig, sandbox.kubeconfig(), { mode: 0o600 });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    kind: 'sandbox',
    platform: { ...readAdmin(home), home, launch },
    releases: ['1.31.0-sandbox', '1.32.0-sandbox', '1.32.1-sandbox-broken'],
    namespace: 'shop',
    service,
    brokenTimeoutSeconds: 20,
    prepare: () => sandbox.manager.idle(),
    join: async (command) => {
      const manifest = /"(http[^"]+)"/.exec(command)?.[1];
      if (manifest === undefined) throw new Error(`no address of a manifest in: ${command}`);
      const answer = await fetch(manifest);
      await kube.apply(await answer.text(), 'kubectl');
      await startAgent();
    },
    leave: async (command) => {
      await endAgent('SIGTERM');
      const [, kinds = '', label = ''] = /delete (\S+) -l (\S+)/.exec(command) ?? [];
      const groups: Record<string, string> = {
        clusterrolebinding: 'clusterrolebindings.rbac.authorization.k8s.io',
        clusterrole: 'clusterroles.rbac.authorization.k8s.io',
        namespace: 'namespaces',
      };
      for (const kind of kinds.split(',')) await kube.deleteLabelled(groups[kind]!, label);
    },
    list: <T extends KubeObject>(resource: string, namespace: string) =>
      kube.list<T>(resource, namespace),
    applyDirectly: (yaml, manager) => kube.apply(yaml, manager),
    labelled: (label) => kube.labelled(label),
    ...(hasCommand('kubectl', ['version', '--client']) ? { userEnv: {} } : {}),
    traffic: async (requests) => simulated(sandbox, requests),
    killAgent: async () => {
      await endAgent('SIGKILL');
      await startAgent();
    },
    end,
  };
}

interface AgentDeployment extends KubeObject {
  spec: { template: { spec: { containers: { env?: { name: string; value?: string }[] }[] } } };
}

interface JoinSecret extends KubeObject {
  data: { token: string };
}

const tokenIn = ({ data }: JoinSecret): string => Buffer.from(data.token, 'base64').toString();

/** Simulated seconds until so many requests came to the service, counted by what its callers' proxies tell. */
function simulated(sandbox: Sandbox, requests: number): Counts {
  const before = told(sandbox);
  for (let seconds = 0; seconds < 600; seconds += 5) {
    sandbox.traffic.simulate(5);
    const counts = difference(told(sandbox), before);
    if (Object.values(counts).reduce((sum, each) => sum + each, 0) >= requests) return counts;
  }
  return difference(told(sandbox), before);
}

/** What istio_requests_total tells of the service so far, by the version or the status that answered. */
function told({ traffic }: Sandbox): Counts {
  const counts: Counts = {};
  for (const line of traffic.metrics(null).split('\n')) {
    const [, labels = '', value = ''] = /^istio_requests_total\{(.*)\} (\S+)$/.exec(line) ?? [];
    const read = (name: string): string | undefined =>
      new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];
    if (read('reporter') !== 'source' || read('destination_service_name') !== service) continue;
    const status = read('response_code') ?? '';
    const key = status === '200' ? (read('destination_version') ?? '200') : status;
    counts[key] = (counts[key] ?? 0) + Number(value);
  }
  return counts;
}

function difference(now: Counts, before: Counts): Counts {
  const entries = Object.entries(now).map(
    ([key, value]) => [key, value - (before[key] ?? 0)] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => value > 0));
}
