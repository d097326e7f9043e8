import { LabError } from './lab-error.ts';
import { commands } from './commands.ts';
import { cachePaths, labName, labPaths } from './paths.ts';

const usage = (): string =>
  [
    'A real single-node Kubernetes with real Istio and Envoy, on this machine, in namespaces of its own.',
    '',
    'Usage: npm run lab -- COMMAND',
    '',
    ...Object.entries(commands).map(
      ([name, { takes, says }]) => `  ${`${name} ${takes}`.padEnd(30)} ${says}`,
    ),
    '',
    'AMBIT_LAB=name selects a lab (default "default"); any number of them can stand side by side.',
    'AMBIT_LAB_PLATFORM=127.0.0.1:PORT is where pods reach the platform (default 127.0.0.1:4600).',
    'AMBIT_LAB_ZTUNNEL=/path/to/ztunnel takes a real ztunnel in place of the stand-in (none is in the registries).',
    'AMBIT_CACHE=/folder keeps binaries, images and state elsewhere than ~/.cache.',
    '',
  ].join('\n');

async function main(): Promise<number> {
  const [name, ...rest] = process.argv.slice(2);
  const command = name === undefined ? undefined : commands[name];
  if (!command) {
    if (name === undefined || name === 'help' || name === '--help') {
      process.stdout.write(usage());
      return 0;
    }
    throw new LabError(`There is no command "${name}".`, usage());
  }
  const cache = cachePaths();
  const args = rest[0] === '--' ? rest.slice(1) : rest;
  return command.run({ cache, lab: labPaths(cache, labName()), args });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`\nlab: ${error.message}\n`);
  if (error.hint) process.stderr.write(`\n${error.hint}\n`);
  process.exitCode = 1;
}
