import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { startLink } from './faults/link.ts';
import { startSandbox } from './start.ts';

const environment = z.object({
  /** Port of its API on the loopback device. */
  AMBIT_SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Folder of Ambit's state; the sandbox keeps its own in `sandbox/` there. */
  AMBIT_HOME: z.string().default('.ambit'),
  /** Where the platform is: the sandbox then carries the link of its agent, so that it can be cut. */
  AMBIT_PUBLIC_URL: z.url().optional(),
  /** Port the agent dials instead of the platform. */
  AMBIT_SANDBOX_LINK_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  AMBIT_SANDBOX_SEED: z.coerce.number().int().default(1),
});

const say = (level: string, message: string, more: object = {}): void => {
  process.stdout.write(
    `${JSON.stringify({ level, time: new Date().toISOString(), name: 'sandbox', ...more, msg: message })}\n`,
  );
};

async function main(): Promise<void> {
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const read = environment.safeParse(given);
  if (!read.success) {
    const lines = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the environment of the sandbox is not right:\n${lines.join('\n')}`);
  }
  const env = read.data;
  const home = join(resolve(env.AMBIT_HOME), 'sandbox');
  const platform = env.AMBIT_PUBLIC_URL;
  const link = platform?.startsWith('http:')
    ? await startLink(platform, env.AMBIT_SANDBOX_LINK_PORT)
    : undefined;
  const sandbox = await startSandbox({
    port: env.AMBIT_SANDBOX_PORT,
    stateFile: join(home, 'state.json'),
    seed: env.AMBIT_SANDBOX_SEED,
    ...(link ? { link } : {}),
    onError: (where, error) => say('error', String(error), { where }),
  });
  const kubeconfig = join(home, 'kubeconfig');
  await mkdir(dirname(kubeconfig), { recursive: true });
  await writeFile(kubeconfig, sandbox.kubeconfig(), { mode: 0o600 });
  say('info', `the sandbox, a simulated cluster, is served on ${sandbox.url}`, {
    url: sandbox.url,
    kubeconfig,
    ...(link ? { link: link.url } : {}),
  });
  const stop = async (): Promise<void> => {
    await sandbox.close();
    await link?.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
}

main().catch((error: unknown) => {
  say('fatal', error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
