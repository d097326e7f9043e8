import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ensureBinaries } from './build/build.ts';
import { agentImage, buildAgentImage } from './images/agent.ts';
import { ensureImages } from './images/catalogue.ts';
import { buildPrometheusImage, prometheusImage } from './images/prometheus.ts';
import { LabError } from './lab-error.ts';
import { withLock } from './lock.ts';
import { attachInNode, nodePid } from './node/enter.ts';
import { forward } from './node/forward.ts';
import { loadImages } from './node/images.ts';
import { hasRemains, removeLab } from './node/remove.ts';
import { setPlatform } from './node/settings.ts';
import { formatStatus, labStatus, otherLabs } from './node/status.ts';
import { up } from './node/up.ts';
import { checkoutFolder } from './paths.ts';
import type { CachePaths, LabPaths } from './paths.ts';
import { printManifest, printOperator, writeReleases } from './releases/commands.ts';
import { requireLinuxRoot, requireNodePackages } from './requirements.ts';
import { lastLines } from './run.ts';
import { say, step } from './say.ts';

type Input = { cache: CachePaths; lab: LabPaths; args: string[] };

/** A command of the lab: what it takes and says for the help page, and what it does. Gives the exit code. */
type Command = { takes: string; says: string; run: (input: Input) => Promise<number> };

function needed(args: string[], what: string): string {
  const [first] = args;
  if (first) return first;
  throw new LabError(`This command needs ${what}.`);
}

async function build({ cache }: Input): Promise<number> {
  requireLinuxRoot();
  await requireNodePackages();
  await ensureBinaries(cache);
  const folder = await ensureImages(cache);
  say(`binaries in ${cache.bin}, images in ${folder}`);
  return 0;
}

async function down({ lab }: Input): Promise<number> {
  requireLinuxRoot();
  await withLock(lab.lock, `another command on the lab "${lab.name}"`, async () => {
    if (!hasRemains(lab)) return say(`the lab "${lab.name}" is not there; nothing to do`);
    await step(`removing the lab "${lab.name}"`, () => removeLab(lab));
    say('down: no process, cgroup, mount or file of it is left');
  });
  return 0;
}

async function printKubeconfig({ lab, args }: Input): Promise<number> {
  nodePid(lab);
  process.stdout.write(
    args[0] === '--path' ? `${lab.kubeconfig}\n` : readFileSync(lab.kubeconfig, 'utf8'),
  );
  return 0;
}

async function exec({ cache, lab, args }: Input): Promise<number> {
  needed(args, 'a command to run inside the node, such as: exec -- ip address');
  return attachInNode(cache, lab, args);
}

async function loadImage({ cache, lab, args }: Input): Promise<number> {
  const file = resolve(
    needed(args, 'the path of a docker-archive tar (what "docker save" writes)'),
  );
  if (!existsSync(file)) throw new LabError(`${file} does not exist.`);
  nodePid(lab);
  await step(`importing ${basename(file)}`, () => loadImages(cache, lab, file));
  return 0;
}

async function logs({ lab, args }: Input): Promise<number> {
  if (!existsSync(lab.logs)) throw new LabError(`The lab "${lab.name}" has no logs: it is not up.`);
  const names = readdirSync(lab.logs)
    .filter((file) => file.endsWith('.log'))
    .map((file) => basename(file, '.log'));
  const [name] = args;
  if (!name) {
    process.stdout.write(`${names.join('\n')}\n`);
    return 0;
  }
  if (!names.includes(name))
    throw new LabError(`There is no log "${name}". There are: ${names.join(', ')}.`);
  process.stdout.write(`${lastLines(readFileSync(join(lab.logs, `${name}.log`), 'utf8'), 200)}\n`);
  return 0;
}

async function platform({ lab, args }: Input): Promise<number> {
  const address = needed(args, 'an address, such as 127.0.0.1:4600');
  nodePid(lab);
  setPlatform(lab, address);
  say(`pods now reach the platform at ${address}`);
  return 0;
}

async function status({ cache, lab, args }: Input): Promise<number> {
  const found = await labStatus(cache, lab);
  const text =
    args[0] === '--json'
      ? `${JSON.stringify(found, null, 2)}\n`
      : formatStatus(found, otherLabs(cache, lab));
  process.stdout.write(text);
  return found.state === 'up' ? 0 : 3;
}

async function openForward({ cache, lab, args }: Input): Promise<number> {
  const [listen, inside] = args;
  nodePid(lab);
  if (listen && inside) return forward(cache, lab, listen, inside);
  throw new LabError(
    'This command needs two addresses: where to listen, and where that leads inside the node.',
    'For example: npm run lab -- forward 127.0.0.1:8080 10.96.0.10:53',
  );
}

/** A command that makes an image of its own, and loads it. */
const loading =
  (image: string, make: (input: Input) => Promise<string>): Command['run'] =>
  async (input) => {
    const { cache, lab } = input;
    nodePid(lab);
    const file = await step(`writing ${image}`, () => make(input));
    await step(`loading it into the lab "${lab.name}"`, () => loadImages(cache, lab, file));
    rmSync(file);
    return 0;
  };

/** A command that only prints what a function gives. */
const printing =
  (make: (input: Input) => Promise<string>): Command['run'] =>
  async (input) => {
    process.stdout.write(`${(await make(input)).trimEnd()}\n`);
    return 0;
  };

export const commands: Record<string, Command> = {
  up: {
    takes: '',
    says: 'builds what is missing, starts the lab and waits until it is ready',
    run: async ({ cache, lab }) => {
      await up(cache, lab);
      return 0;
    },
  },
  down: {
    takes: '',
    says: 'ends the lab and removes everything of it, also after a crash',
    run: down,
  },
  status: {
    takes: '[--json]',
    says: 'says what is true of the lab; ends with 3 when it is not up',
    run: status,
  },
  kubeconfig: {
    takes: '[--path]',
    says: 'prints a kubeconfig that works on this machine',
    run: printKubeconfig,
  },
  build: { takes: '', says: 'builds binaries and images without starting anything', run: build },
  exec: { takes: '-- COMMAND...', says: "runs a command inside the node's namespaces", run: exec },
  'load-image': {
    takes: 'FILE.tar',
    says: 'imports a docker-archive into the lab',
    run: loadImage,
  },
  logs: { takes: '[NAME]', says: 'lists the logs, or prints the last 200 lines of one', run: logs },
  platform: {
    takes: 'ADDRESS:PORT',
    says: 'points the pods of the lab at another platform',
    run: platform,
  },
  forward: {
    takes: 'LISTEN INSIDE',
    says: 'opens 127.0.0.1:PORT onto an address inside the node, until Ctrl-C',
    run: openForward,
  },
  'agent-image': {
    takes: '',
    says: `makes ${agentImage} from apps/agent/dist and loads it`,
    run: loading(agentImage, ({ lab }) => buildAgentImage(checkoutFolder, lab.state)),
  },
  'prometheus-image': {
    takes: '',
    says: `makes ${prometheusImage}, building Prometheus when it was not before, and loads it`,
    run: loading(prometheusImage, ({ cache, lab }) => buildPrometheusImage(cache, lab.state)),
  },
  releases: {
    takes: '',
    says: "writes the lab's release catalogue and prints its path (for AMBIT_RELEASES)",
    run: printing(({ cache }) => writeReleases(cache)),
  },
  render: {
    takes: 'VERSION PROFILE',
    says: 'prints the objects of a release, for kubectl apply --server-side --force-conflicts',
    run: printing(({ cache, args }) => printManifest(cache, args)),
  },
  operator: {
    takes: 'VERSION PROFILE',
    says: 'prints its IstioOperator, for istioctl install -f -',
    run: printing(({ cache, args }) => printOperator(cache, args)),
  },
};
