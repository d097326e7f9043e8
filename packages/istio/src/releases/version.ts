export interface Version {
  major: number;
  minor: number;
  patch: number;
  /** Pre-release part after "-", empty for a final release. */
  suffix: string;
}

/**
 * Parses `1.30.2`, `1.31.0-rc.1`; also Kubernetes' forms `v1.34.4`, `1.34.4+k3s1`, `1.34`.
 * @returns undefined when the text is no version
 */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(text.trim());
  if (!match) return undefined;
  return {
    major: Number(match[1]),
    minor: Number(match[2]),
    patch: Number(match[3] ?? 0),
    suffix: match[4] ?? '',
  };
}

/** Order of two versions, older first; a pre-release stands before its final release. Text that is no version is oldest. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [parseVersion(a), parseVersion(b)];
  if (!x || !y) return Number(Boolean(x)) - Number(Boolean(y));
  const numbers = x.major - y.major || x.minor - y.minor || x.patch - y.patch;
  if (numbers !== 0) return numbers;
  if (x.suffix === y.suffix) return 0;
  if (x.suffix === '') return 1;
  if (y.suffix === '') return -1;
  return x.suffix < y.suffix ? -1 : 1;
}

/** `1.30` of `1.30.2`. */
export function minorOf(text: string): string {
  const version = parseVersion(text);
  return version ? `${version.major}.${version.minor}` : text;
}

/** How many minors `to` is ahead of `from`; undefined when either is no version or the majors differ. */
export function minorSkew(from: string, to: string): number | undefined {
  const [a, b] = [parseVersion(from), parseVersion(to)];
  if (!a || !b || a.major !== b.major) return undefined;
  return b.minor - a.minor;
}
