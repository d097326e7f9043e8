import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { birthOf, isAlive } from '@ambit/db/embedded/processes';

/** What a lock file says of its holder. */
export interface Holder {
  pid: number;
  birth: string;
  since: string;
  /** Where the holder can be found, such as the address of the console. */
  url: string;
}

export type Attempt =
  | { taken: true; stale: Holder | undefined; release: () => void }
  | { taken: false; holder: Holder };

export const isRunning = ({ pid, birth }: Pick<Holder, 'pid' | 'birth'>): boolean =>
  isAlive(pid) && birthOf(pid) === birth;

/**
 * Takes a lock file for this process. A file whose process is gone (or whose id another program has now) is stale:
 * it is replaced, and told as `stale`.
 */
export function takeLock(file: string, url = ''): Attempt {
  const mine: Holder = {
    pid: process.pid,
    birth: birthOf(process.pid),
    since: new Date().toISOString(),
    url,
  };
  const draft = `${file}.${process.pid}`;
  let stale: Holder | undefined;
  for (;;) {
    writeFileSync(draft, JSON.stringify(mine));
    try {
      linkSync(draft, file);
      rmSync(draft);
      return { taken: true, stale, release: () => releaseLock(file, mine) };
    } catch (error) {
      rmSync(draft, { force: true });
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readHolder(file);
    if (holder && isRunning(holder)) return { taken: false, holder };
    stale = holder ?? stale;
    try {
      renameSync(file, `${draft}.stale`);
      rmSync(`${draft}.stale`, { force: true });
    } catch {
      // Another start took it away first; the next round decides.
    }
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function releaseLock(file: string, mine: Holder): void {
  const holder = readHolder(file);
  if (holder?.pid === mine.pid && holder.birth === mine.birth) rmSync(file, { force: true });
}
