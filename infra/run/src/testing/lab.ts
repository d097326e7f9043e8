import { delimiter, dirname, join } from 'node:path';
import { root } from '../root.ts';
import { Kubectl, must, run } from './kubectl.ts';

/** Where the lab's pods find the platform. */
export const insideAddress = 'http://10.200.0.1:4600';

/** A release catalogue entry, as far as it is read here. */
interface LabRelease {
  version: string;
  source: { istioctl: string };
}

export interface Lab {
  name: string;
  kubectl: Kubectl;
  releases: LabRelease[];
  /** Environment in which `kubectl` and `ambit` of a user speak to this lab. */
  userEnv: NodeJS.ProcessEnv;
  /** Runs a command of `npm run lab`; gives what it printed. */
  command(args: string[], env?: NodeJS.ProcessEnv): Promise<string>;
}

const labCommand = (name: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> =>
  must(process.execPath, ['infra/lab/src/cli.ts', ...args], {
    cwd: root,
    env: { AMBIT_LAB: name, ...env },
  });

/** Path of the lab's release catalogue, for AMBIT_RELEASES. The first time, Kubernetes and Istio are built. */
export const labCatalogue = async (): Promise<string> =>
  (await labCommand('default', ['releases'])).trim();

/** Brings a lab up for a platform on this port, with the agent's image. */
export async function bringLabUp(name: string, port: number, catalogue: string): Promise<Lab> {
  const command: Lab['command'] = (args, env) => labCommand(name, args, env);
  await command(['up'], { AMBIT_LAB_PLATFORM: `127.0.0.1:${port}` });
  await command(['agent-image']);
  const kubeconfig = (await command(['kubeconfig', '--path'])).trim();
  const releases = JSON.parse(await must('cat', [catalogue])) as LabRelease[];
  const bin = dirname(dirname(releases[0]!.source.istioctl));
  const kubernetes = (await must('ls', [bin]))
    .split('\n')
    .find((each) => each.startsWith('kubernetes-'));
  const userEnv = {
    KUBECONFIG: kubeconfig,
    PATH: [join(bin, kubernetes ?? ''), process.env['PATH']].join(delimiter),
  };
  return { name, kubectl: new Kubectl(userEnv), releases, userEnv, command };
}

/** Removes a lab, whatever state it is in; says so when it could not. */
export async function takeLabDown(name: string): Promise<void> {
  const { code, stderr } = await run(process.execPath, ['infra/lab/src/cli.ts', 'down'], {
    cwd: root,
    env: { AMBIT_LAB: name },
  });
  if (code === 0) return;
  process.stderr.write(
    `the lab ${name} is still there (AMBIT_LAB=${name} npm run lab -- down takes it away): ${stderr}\n`,
  );
}
