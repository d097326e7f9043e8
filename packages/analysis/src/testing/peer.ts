// A test, not the package, asks the real library.
// oxlint-disable no-restricted-imports
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SourceText } from '../sources/load.ts';

/** Where the Go program is that asks Istio's analysis library: `infra/bench/peers/analysis`. */
export const peerSource = fileURLToPath(
  new URL('../../../../infra/bench/peers/analysis/', import.meta.url),
);

/** The place of the program in the cache, by a hash of its source and of the versions it is built with. */
export function peerPath(): string {
  const hash = createHash('sha256');
  for (const file of ['main.go', 'analyze.go', 'go.mod', 'go.sum']) {
    hash.update(readFileSync(join(peerSource, file)));
  }
  const { env } = process;
  const cache =
    env['AMBIT_CACHE'] || env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  const name = `analysis-peer-${hash.digest('hex').slice(0, 12)}`;
  return join(cache, 'ambit', 'bench', 'bin', name);
}

/** The program that was built, or the one of AMBIT_TEST_ANALYSIS_PEER. */
export function findPeer(): string | undefined {
  const given = process.env['AMBIT_TEST_ANALYSIS_PEER'];
  if (given) return given;
  const built = peerPath();
  return existsSync(built) ? built : undefined;
}

export type PeerCase = { files: SourceText[]; meshConfig?: string; meshNetworks?: string };

export type PeerFinding = {
  code: string;
  level: 'Error' | 'Warning' | 'Info';
  resource: string;
  file: string;
  line: number;
  message: string;
};

export type PeerAnswer = {
  findings: PeerFinding[];
  /** Of documents that the library could not read and left out. */
  error?: string;
  panic?: string;
  parseMs: number;
  analyzeMs: number;
};

/** What the library says of each case, in one process. */
export async function askPeer(peer: string, cases: readonly PeerCase[]): Promise<PeerAnswer[]> {
  const child = spawn(peer, ['--serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const answers: PeerAnswer[] = [];
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      answers.push(JSON.parse(line) as PeerAnswer);
    }
  })();
  for (const [id, { files, meshConfig = '', meshNetworks = '' }] of cases.entries()) {
    const named = files.map(({ file, text }) => ({ name: file, text }));
    const line = JSON.stringify({ id, files: named, meshConfig, meshNetworks });
    if (!child.stdin.write(`${line}\n`)) {
      await Promise.race([new Promise((resolve) => child.stdin.once('drain', resolve)), ended]);
    }
  }
  child.stdin.end();
  const code = await ended;
  await reading;
  if (code !== 0 || answers.length !== cases.length) {
    throw new Error(
      `${peer} ended with ${code} after ${answers.length} of ${cases.length} answers`,
    );
  }
  return answers;
}
