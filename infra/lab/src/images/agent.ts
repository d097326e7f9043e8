import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../lab-error.ts';
import { writeImages } from './archive.ts';
import { baseEntries, libraryEntries, programEntry } from './entries.ts';

export const agentImage = 'docker.io/ambit/agent:dev';

/**
 * Writes the image of Ambit's agent as a docker-archive: Node, its libraries and the one bundled file.
 * Gives the archive's path. Throws LabError when the agent was not built.
 */
export async function buildAgentImage(checkout: string, intoFolder: string): Promise<string> {
  const bundle = join(checkout, 'apps/agent/dist/agent.mjs');
  const node = join(checkout, 'node_modules/node/bin/node');
  if (!existsSync(bundle)) {
    throw new LabError(
      `${bundle} does not exist.`,
      'Build the agent first: npm run build -w apps/agent',
    );
  }
  if (!existsSync(node)) {
    throw new LabError(`${node} does not exist.`, 'Install the checkout first: npm install');
  }
  mkdirSync(intoFolder, { recursive: true });
  const file = join(intoFolder, 'agent.tar');
  const runtime = [
    ...baseEntries(),
    programEntry(node, 'usr/local/bin/node'),
    ...(await libraryEntries([node])),
  ];
  await writeImages(
    [
      {
        name: agentImage,
        layers: [runtime, [{ path: 'app/agent.mjs', from: bundle }]],
        entrypoint: ['node', '/app/agent.mjs'],
        user: '65532',
        environment: { NODE_ENV: 'production' },
      },
    ],
    file,
  );
  return file;
}
