import { realpathSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LabError } from '../lab-error.ts';
import { run } from '../run.ts';

/** One path of an image: a file of the host, a text, a link or a folder. Paths have no leading slash. */
export type Entry = { path: string; mode?: number } & (
  | { from: string }
  | { text: string }
  | { link: string }
  | { folder: true }
);

const users = [
  'root:x:0:0::/root:/bin/sh',
  'istio-proxy:x:1337:1337::/:/bin/sh',
  'nonroot:x:65532:65532::/:/bin/sh',
];
const shellPrograms = [
  'sh',
  'sleep',
  'cat',
  'ls',
  'wget',
  'ip',
  'ps',
  'env',
  'id',
  'mkdir',
  'nc',
  'kill',
];

/** What every image with a program has: certificates, users, a shell and its small programs. */
export function baseEntries(): Entry[] {
  return [
    { path: 'etc/ssl/certs/ca-certificates.crt', from: '/etc/ssl/certs/ca-certificates.crt' },
    { path: 'etc/passwd', text: `${users.join('\n')}\n` },
    { path: 'etc/group', text: 'root:x:0:\nistio-proxy:x:1337:\nnonroot:x:65532:\n' },
    { path: 'tmp', folder: true, mode: 0o1777 },
    { path: 'var/run', folder: true },
    { path: 'bin/busybox', from: '/bin/busybox', mode: 0o755 },
    ...shellPrograms.map((name): Entry => ({ path: `bin/${name}`, link: 'busybox' })),
  ];
}

/** iptables in its nft form with the extensions it loads, as the proxy's init container and istio-cni run it. */
export async function iptablesEntries(): Promise<Entry[]> {
  const program = realpathSync('/usr/sbin/xtables-nft-multi');
  const names = ['iptables', 'ip6tables'].flatMap((name) =>
    ['', '-save', '-restore', '-nft', '-nft-save', '-nft-restore'].map(
      (suffix) => `${name}${suffix}`,
    ),
  );
  const extensions = '/usr/lib/x86_64-linux-gnu/xtables';
  return [
    { path: 'usr/sbin/xtables-nft-multi', from: program, mode: 0o755 },
    ...names.map((name): Entry => ({ path: `usr/sbin/${name}`, link: 'xtables-nft-multi' })),
    ...readdirSync(extensions).map((file): Entry => ({
      path: `usr/lib/x86_64-linux-gnu/xtables/${file}`,
      from: join(extensions, file),
    })),
    ...(await libraryEntries([program])),
  ];
}

/** A program at a path of the image. */
export function programEntry(from: string, path: string): Entry {
  return { path, from, mode: 0o755 };
}

/** The shared libraries that programs of the host load, at the paths where the loader looks for them. */
export async function libraryEntries(programs: string[]): Promise<Entry[]> {
  const found = new Set<string>();
  for (const program of programs) {
    const { stdout } = await run('ldd', [program]);
    if (/=> not found/.test(stdout)) {
      throw new LabError(`A library of ${program} is missing on this machine:\n${stdout.trim()}`);
    }
    for (const [library] of stdout.matchAll(/\/\S+\.so\S*/g)) found.add(library);
  }
  return [...found].map((library) => ({
    path: library.slice(1),
    from: realpathSync(library),
    mode: 0o755,
  }));
}

/**
 * Istio's Envoy bootstrap without the extension that only Istio's own Envoy build has.
 * Throws LabError when the block is no longer where it was.
 */
export function bootstrapWithoutMetadataDiscovery(template: string): string {
  const begin = template.indexOf('{{- if .metadata_discovery }}\n    {');
  const close = '{{- end }}';
  const end = template.indexOf(close, begin);
  if (begin < 0 || end < 0) {
    throw new LabError(
      "Istio's bootstrap template has no metadata_discovery block where one was expected.",
    );
  }
  return template.slice(0, begin) + template.slice(end + close.length);
}

/** Entries in the order of an archive: each path once, its folders before it. */
export function orderEntries(entries: Entry[]): Entry[] {
  const byPath = new Map<string, Entry>();
  for (const entry of entries) {
    for (let folder = dirname(entry.path); folder !== '.'; folder = dirname(folder)) {
      if (!byPath.has(folder)) byPath.set(folder, { path: folder, folder: true });
    }
    byPath.set(entry.path, entry);
  }
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A text that changes when an entry's content may have: for the key of a cached image. */
export function entryFingerprint(entry: Entry): string {
  if (!('from' in entry)) return JSON.stringify(entry);
  const { size, mtimeMs } = statSync(entry.from);
  return JSON.stringify({ ...entry, size, mtimeMs });
}
