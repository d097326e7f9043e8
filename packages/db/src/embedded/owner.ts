import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import { EmbeddedPostgresError } from './embedded-error.ts';

/** Who runs Postgres: nobody in particular, or, under root, the user `postgres` (Postgres refuses root). */
export interface Owner {
  uid?: number;
  gid?: number;
}

const userName = 'postgres';
/** Where things go that the user `postgres` could not reach in a private folder such as /root. */
const commonFolder = '/var/lib/ambit';

/** Finds the user, and makes it when it is missing. Throws EmbeddedPostgresError. */
export function findOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  const found = lookUp();
  if (found) return found;
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', userName]);
  const made = lookUp();
  if (made) return made;
  throw new EmbeddedPostgresError(
    `Postgres does not run as root, and the user "${userName}" could not be made`,
    `Make it (useradd --system ${userName}), start Ambit as another user than root, or use AMBIT_DATABASE_URL.`,
  );
}

function lookUp(): Owner | undefined {
  const ask = (flag: string) =>
    Number(spawnSync('id', [flag, userName], { encoding: 'utf8' }).stdout.trim() || Number.NaN);
  const [uid, gid] = [ask('-u'), ask('-g')];
  return Number.isInteger(uid) && Number.isInteger(gid) ? { uid, gid } : undefined;
}

/** True when the owner may pass through every folder above `path`. */
function canReach(path: string, owner: Owner): boolean {
  if (owner.uid === undefined) return true;
  return spawnSync('test', ['-x', dirname(path)], { ...owner, cwd: '/' }).status === 0;
}

/** The data folder: inside `folder`, or under /var/lib/ambit when the owner cannot reach it there. */
export function placeForData(folder: string, owner: Owner): string {
  const wanted = join(folder, 'data');
  if (canReach(wanted, owner)) return wanted;
  return join(commonFolder, createHash('sha256').update(folder).digest('hex').slice(0, 12), 'data');
}

/** The binaries where the owner can run them: as npm put them, or a copy under /var/lib/ambit. */
export function reachableBinaries(binaries: PostgresBinaries, owner: Owner): PostgresBinaries {
  if (canReach(binaries.postgres, owner)) return binaries;
  const version = spawnSync(binaries.postgres, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const root = join(commonFolder, version.replace(/[^0-9a-z.]+/gi, '-').toLowerCase());
  if (!existsSync(root)) {
    mkdirSync(commonFolder, { recursive: true, mode: 0o755 });
    const half = `${root}.${process.pid}`;
    cpSync(binaries.root, half, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(half, root);
    } catch {
      // Another start was faster.
      rmSync(half, { recursive: true, force: true });
    }
  }
  const at = (file: string) => join(root, 'bin', basename(file));
  return { initdb: at(binaries.initdb), postgres: at(binaries.postgres), root };
}
