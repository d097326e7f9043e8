/** What keeps the embedded Postgres from running, said for a person, and what to do about it. */
export class EmbeddedPostgresError extends Error {
  readonly fix: string;

  constructor(message: string, fix: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'EmbeddedPostgresError';
    this.fix = fix;
  }
}

const causes: { sign: RegExp; explain: (folder: string) => [message: string, fix: string] }[] = [
  {
    sign: /No space left on device|could not write.*: No space|disk quota exceeded/i,
    explain: (folder) => [
      `the disk under ${folder} is full, so Postgres cannot write`,
      'Make at least 200 MB free there (or set AMBIT_HOME to a folder on another disk) and start again; nothing stored is lost.',
    ],
  },
  {
    sign: /database files are incompatible with server|was initialized by PostgreSQL version/i,
    explain: (folder) => [
      `the data in ${folder} was written by another major version of Postgres`,
      'Start the Ambit that wrote it, dump with pg_dump and load into the new one; or move the folder away to begin afresh.',
    ],
  },
  {
    sign: /could not bind|Address already in use/i,
    explain: () => [
      'the port of the embedded Postgres was taken at the very moment it started',
      'Start again; another free port is chosen.',
    ],
  },
  {
    sign: /could not create shared memory segment|could not map anonymous shared memory|Cannot allocate memory/i,
    explain: () => [
      'there is not enough memory for Postgres (it asks for about 150 MB)',
      'End other programs, or use a Postgres elsewhere with AMBIT_DATABASE_URL.',
    ],
  },
  {
    sign: /cannot execute|Exec format error|error while loading shared libraries/i,
    explain: () => [
      'the Postgres binaries that came from npm do not run on this system',
      'They need glibc (not Alpine) on Linux, or macOS. Use a Postgres of your own with AMBIT_DATABASE_URL.',
    ],
  },
];

/** Turns what initdb or the server wrote before it ended into a sentence; the last lines stay in the message. */
export function explainFailure(
  what: string,
  output: string,
  folder: string,
): EmbeddedPostgresError {
  const known = causes.find(({ sign }) => sign.test(output));
  if (known) return new EmbeddedPostgresError(...known.explain(folder));
  const tail = output.trim().split('\n').slice(-8).join('\n  ');
  return new EmbeddedPostgresError(
    `${what} ended before it was ready. Its last words:\n  ${tail || '(nothing)'}`,
    'Use a Postgres of your own with AMBIT_DATABASE_URL=postgresql://user:password@host:5432/database, if this cannot be mended.',
  );
}
