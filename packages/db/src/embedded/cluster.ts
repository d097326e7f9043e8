import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { findBinaries, type PostgresBinaries } from './binaries.ts';
import { EmbeddedPostgresError, explainFailure } from './embedded-error.ts';
import { findOwner, placeForData, reachableBinaries, type Owner } from './owner.ts';

export const superuser = 'ambit';
const neededMb = 200;

/** A database cluster on disk, made by initdb. */
export interface Cluster {
  data: string;
  port: number;
  password: string;
  owner: Owner;
  binaries: PostgresBinaries;
  /** Keeps a new port for the next start. */
  keepPort(port: number): void;
}

interface Kept {
  data: string;
  port: number;
  password: string;
}

/**
 * Opens the cluster under `folder`, making it first when it is missing. `cluster.json` is written last and so marks a
 * whole cluster: data without it came from an initdb that was cut short, and is made again.
 * @throws EmbeddedPostgresError
 */
export async function openCluster(folder: string, say: (line: string) => void): Promise<Cluster> {
  mkdirSync(folder, { recursive: true });
  const owner = findOwner();
  const binaries = reachableBinaries(await findBinaries(), owner);
  const marker = join(folder, 'cluster.json');
  const keep = (kept: Kept): Kept => {
    writeFileSync(`${marker}.new`, JSON.stringify(kept, null, 2), { mode: 0o600 });
    renameSync(`${marker}.new`, marker);
    return kept;
  };
  const known = existsSync(marker) ? (JSON.parse(readFileSync(marker, 'utf8')) as Kept) : undefined;
  if (known && !existsSync(join(known.data, 'PG_VERSION'))) {
    throw new EmbeddedPostgresError(
      `the database folder ${known.data} is gone, though ${marker} says that it was made`,
      `Put it back from a backup, or remove ${folder} to begin afresh.`,
    );
  }
  const kept =
    known ?? keep(await create(placeForData(folder, owner), folder, owner, binaries, say));
  return { ...kept, owner, binaries, keepPort: (port) => void keep({ ...kept, port }) };
}

async function create(
  data: string,
  folder: string,
  owner: Owner,
  binaries: PostgresBinaries,
  say: (line: string) => void,
): Promise<Kept> {
  if (existsSync(data)) {
    say('an earlier set-up of Postgres was cut short; making it again');
    rmSync(data, { recursive: true, force: true });
  }
  if (!data.startsWith(folder))
    say(`${folder} is closed to the user postgres, so the data is kept in ${data}`);
  mkdirSync(dirname(data), { recursive: true, mode: 0o755 });
  mkdirSync(data, { mode: 0o700 });
  const { bavail, bsize } = statfsSync(data);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  if (freeMb < neededMb) {
    rmSync(data, { recursive: true, force: true });
    throw new EmbeddedPostgresError(
      `the disk under ${data} has ${freeMb} MB free; Postgres needs ${neededMb} MB`,
      'Make room, or set AMBIT_HOME to a folder on another disk.',
    );
  }
  const password = randomBytes(24).toString('base64url');
  const secret = join(dirname(data), `secret-${process.pid}`);
  writeFileSync(secret, password, { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) {
    for (const path of [data, secret]) chownSync(path, owner.uid, owner.gid);
  }
  try {
    const { code, output } = await run(
      binaries.initdb,
      [
        `--pgdata=${data}`,
        `--username=${superuser}`,
        `--pwfile=${secret}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
      ],
      owner,
    );
    if (code !== 0) {
      rmSync(data, { recursive: true, force: true });
      throw explainFailure('initdb', output, data);
    }
  } finally {
    rmSync(secret, { force: true });
  }
  return { data, password, port: 0 };
}

function run(
  program: string,
  args: string[],
  owner: Owner,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...owner,
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    child.on('error', (error) => resolve({ code: 1, output: `${output}\n${error.message}` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
