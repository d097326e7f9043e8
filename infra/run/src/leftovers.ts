import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntilGone } from '@ambit/db/embedded/processes';
import { say } from '../bootstrap/say.mjs';
import { isRunning } from './lock.ts';
import { signalGroup, type Service } from './service.ts';

interface Running {
  name: string;
  pid: number;
  birth: string;
}

const fileIn = (home: string): string => join(home, 'processes.json');

/** Writes down what runs, so that a start after `kill -9` of this one can end it. */
export function noteProcesses(home: string, services: Service[]): void {
  const running: Running[] = services.flatMap((service) => {
    const now = service.running();
    return now ? [{ name: service.name, ...now }] : [];
  });
  const file = fileIn(home);
  writeFileSync(`${file}.new`, JSON.stringify(running));
  renameSync(`${file}.new`, file);
}

export const forgetProcesses = (home: string): void => rmSync(fileIn(home), { force: true });

/** Ends what an earlier start left running. Postgres looks after itself. */
export async function endLeftovers(home: string): Promise<void> {
  if (!existsSync(fileIn(home))) return;
  for (const left of readProcesses(home).filter(isRunning)) {
    say(`  ! ending the ${left.name} that an earlier start left running (process ${left.pid})`);
    signalGroup(left.pid, 'SIGTERM');
    if (!(await waitUntilGone(left.pid, 5_000))) signalGroup(left.pid, 'SIGKILL');
    await waitUntilGone(left.pid, 5_000);
  }
  forgetProcesses(home);
}

function readProcesses(home: string): Running[] {
  try {
    return JSON.parse(readFileSync(fileIn(home), 'utf8')) as Running[];
  } catch {
    return [];
  }
}
