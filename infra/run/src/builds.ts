import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Problem } from '../bootstrap/problem.mjs';
import { root } from './root.ts';
import { lastLines, runProgram } from './run-program.ts';
import { ensureBuilt } from './stamp.ts';

/** Runs a build's program. Throws Problem with its last lines when it fails. */
async function build(
  what: string,
  [program, ...args]: [string, ...string[]],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const { code, output } = await runProgram(program, args, { env });
  if (code === 0) return;
  throw new Problem(
    `${what} failed:\n${lastLines(output, 25)}`,
    /ENOSPC|No space left/.test(output)
      ? 'The disk is full: make about 1 GB free and start again.'
      : 'If the sources are unchanged: run "npm ci" and start again.',
  );
}

/** Generates the Prisma client from prisma/schema.prisma. */
export function generateClient(): Promise<void> {
  return ensureBuilt({
    name: 'prisma',
    title: 'generating the database client',
    sources: ['prisma/schema.prisma', 'prisma.config.ts', 'node_modules/prisma/package.json'],
    result: 'packages/db/src/generated/client.ts',
    work: () =>
      // The schema engine is not used for this; naming a binary keeps Prisma from downloading one.
      build(
        'prisma generate',
        [process.execPath, resolveFrom('package.json', 'prisma/build/index.js'), 'generate'],
        {
          PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
          PRISMA_HIDE_UPDATE_MESSAGE: '1',
        },
      ),
  });
}

/** Bundles the agent into one file. */
export function buildAgent(): Promise<void> {
  return ensureBuilt({
    name: 'agent',
    title: 'bundling the agent',
    sources: [
      'apps/agent',
      'packages/analysis/src',
      'packages/contracts/src',
      'packages/istio/src',
      'packages/telemetry/src',
      'packages/topology/src',
      'package-lock.json',
    ],
    result: 'apps/agent/dist/agent.mjs',
    work: () => build('the bundle of the agent', ['npm', 'run', 'build', '-w', 'apps/agent']),
  });
}

/** Bundles the sandbox into one file. */
export function buildSandbox(): Promise<void> {
  return ensureBuilt({
    name: 'sandbox',
    title: 'bundling the sandbox',
    sources: [
      'packages/sandbox',
      'packages/kube-api/src',
      'packages/contracts/src',
      'packages/istio/src',
      'package-lock.json',
    ],
    result: 'packages/sandbox/dist/sandbox.mjs',
    work: () =>
      build('the bundle of the sandbox', ['npm', 'run', 'build', '-w', 'packages/sandbox']),
  });
}

/** Builds the console for production. */
export function buildConsole(): Promise<void> {
  return ensureBuilt({
    name: 'console',
    title: 'building the console',
    sources: [
      'apps/console',
      'packages/client/src/trpc.ts',
      'packages/contracts/src',
      'packages/topology/src',
      'package-lock.json',
    ],
    result: 'apps/console/.next/BUILD_ID',
    work: () =>
      build('next build', [process.execPath, nextProgram(), 'build', join('apps', 'console')], {
        NEXT_TELEMETRY_DISABLED: '1',
        NODE_ENV: 'production',
      }),
  });
}

/** The script of `next`, as the console sees it. */
export const nextProgram = (): string =>
  resolveFrom('apps/console/package.json', 'next/dist/bin/next');

function resolveFrom(packageFile: string, request: string): string {
  return createRequire(join(root, packageFile)).resolve(request);
}
