import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { must } from '@ambit/lab/run';
import { findPeer, peerPath, peerSource } from '@ambit/analysis/testing/peer';

/** Builds the Go program that asks Istio's analysis library, unless the cache has it. Gives its path. */
export async function ensurePeer(say: (line: string) => void): Promise<string> {
  const known = findPeer();
  if (known !== undefined) return known;
  const path = peerPath();
  say(`building ${basename(path)}: some minutes the first time (Go, and the module of Istio)`);
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = join(dirname(path), `.unfinished-${process.pid}`);
  await must('nice', ['-n', '10', 'go', 'build', '-ldflags', '-s -w', '-o', unfinished, '.'], {
    cwd: peerSource,
    env: { GOFLAGS: '-mod=readonly', GOWORK: 'off' },
  });
  if (existsSync(unfinished)) renameSync(unfinished, path);
  return path;
}
