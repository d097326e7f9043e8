import { isIpAddress } from './ip.ts';
import { byteLength, show } from './json.ts';

const label = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?';
const labelPattern = new RegExp(`^${label}$`);
const wildcardPattern = new RegExp(`^(?:\\*|(?:\\*|\\*-)?${label})$`);

/** A DNS label as Istio takes it: upper case is allowed, at most 63 characters. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && labelPattern.test(text);
}

function isInt64(text: string): boolean {
  if (!/^[-+]?\d+$/.test(text)) return false;
  const value = BigInt(text.replace('+', ''));
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

function lengthProblem(host: string): string | undefined {
  if (host === '') return 'a host name is needed here';
  // A character is three bytes at most.
  if (host.length > 85 && byteLength(host) > 255)
    return `${show(host)} is longer than the 255 bytes of a host name`;
  return undefined;
}

function labelsProblem(domain: string): string | undefined {
  const labels = domain.split('.');
  const last = labels.at(-1) ?? '';
  if (isInt64(last)) return `${show(domain)} is no host name: its last part is only digits`;
  const bad = labels.find(
    (text, index) => !isDnsLabel(text) && !(text === '' && index === labels.length - 1),
  );
  return bad === undefined
    ? undefined
    : `${show(domain)} is no host name: ${show(bad)} is no DNS label`;
}

/** What keeps `host` from being a fully qualified domain name. */
export function fqdnProblem(host: string): string | undefined {
  return lengthProblem(host) ?? labelsProblem(host);
}

/** Hosts that passed: a mesh names the same ones over and over. */
const sound = new Set<string>();
const maxSound = 10_000;

/** As `fqdnProblem`, but the first label may be `*`, `*-x` or `*x`. */
export function wildcardHostProblem(host: string): string | undefined {
  if (sound.has(host)) return undefined;
  const problem = findWildcardHostProblem(host);
  if (problem === undefined && sound.size < maxSound) sound.add(host);
  return problem;
}

function findWildcardHostProblem(host: string): string | undefined {
  const problem = lengthProblem(host);
  if (problem) return problem;
  const dot = host.indexOf('.');
  const first = dot < 0 ? host : host.slice(0, dot);
  if (first.length > 63 || !wildcardPattern.test(first)) {
    return `${show(host)} is no host name: ${show(first)} is neither a DNS label nor a wildcard`;
  }
  return dot < 0 ? undefined : labelsProblem(host.slice(dot + 1));
}

/** A host of a VirtualService on a gateway; SNI routes may name the generated `outbound_.80_._.host` form. */
export function gatewayHostProblem(host: string, sni: boolean): string | undefined {
  if (!sni || !host.startsWith('outbound_')) return wildcardHostProblem(host);
  const problem = lengthProblem(host);
  if (problem) return problem;
  const [, port = '', , name] = host.split('_');
  const valid = name !== undefined && /[0-9]/.test(port) && /[a-zA-Z]/.test(name);
  return valid ? undefined : `${show(host)} does not follow outbound_.<port>_._.<host>`;
}

/** A wildcard that is not a whole label ("*foo.com"). */
export function partialWildcardProblem(host: string): string | undefined {
  const partial = host.includes('*') && byteLength(host) !== 1 && !host.startsWith('*.');
  return partial ? `${show(host)}: a wildcard must be the whole first label, like *.` : undefined;
}

/** A host of a Gateway server or of a Sidecar's egress: never a short name. */
function listenerHostProblems(host: string, ipAllowed: boolean): (string | undefined)[] {
  const isShort = host !== '*' && !host.includes('.');
  const problem = wildcardHostProblem(host);
  return [
    isShort ? `${show(host)} is a short name; write the full domain name` : undefined,
    problem && ipAllowed && isIpAddress(host) ? undefined : problem,
    partialWildcardProblem(host),
  ];
}

function split(host: string): [string, string] | undefined {
  const slash = host.indexOf('/');
  return slash < 0 ? undefined : [host.slice(0, slash), host.slice(slash + 1)];
}

/** Problems of a Gateway server's host: `host` or `namespace/host`; `~` only where istiod made the Gateway itself. */
export function serverHostProblems(host: string, isConverted = false): (string | undefined)[] {
  const found = split(host);
  if (!found) return listenerHostProblems(host, true);
  const [namespace, name] = found;
  const words = isConverted ? ['*', '.', '~'] : ['*', '.'];
  const valid = words.includes(namespace) || isDnsLabel(namespace);
  return [
    valid ? undefined : `${show(namespace)} is no namespace, "*" or "."`,
    ...listenerHostProblems(name, true),
  ];
}

/** Problems of a Sidecar's egress host: `namespace/host`, where `~` before the namespace excludes it. */
export function egressHostProblems(host: string): (string | undefined)[] {
  const found = split(host);
  if (!found) return [`${show(host)} must be written as namespace/host`];
  const [written, name] = found;
  const namespace = written.replace(/^~/, '');
  const valid = ['', '*', '.'].includes(namespace) || isDnsLabel(namespace);
  return [
    written === '' || name === '' ? `${show(host)} needs a namespace and a host` : undefined,
    valid ? undefined : `${show(written)} is no namespace, "*" or "."`,
    ...listenerHostProblems(name, false),
  ];
}

export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}

/** A host from its end to its beginning, without the wildcard: what a wildcard covers begins like it. */
function reversed(host: string): string {
  return [...(isWildcard(host) ? host.slice(1) : host)].reverse().join('');
}

/** Pairs of indexes of hosts that can match one name; each host is told with one other at most. */
export function overlappingHosts(hosts: string[]): [number, number][] {
  const sorted = hosts
    .map((host, index) => ({ index, key: reversed(host), isWild: isWildcard(host) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : Number(b.isWild) - Number(a.isWild)));
  const pairs: [number, number][] = [];
  let cover: (typeof sorted)[number] | undefined;
  let before: (typeof sorted)[number] | undefined;
  for (const entry of sorted) {
    const other =
      cover && entry.key.startsWith(cover.key)
        ? cover
        : before?.key === entry.key
          ? before
          : undefined;
    if (other) {
      pairs.push([Math.max(entry.index, other.index), Math.min(entry.index, other.index)]);
    } else if (entry.isWild) cover = entry;
    before = entry;
  }
  return pairs.sort(([a], [b]) => a - b);
}

/** Tells whether every name that a host matches is matched by one of `outer`. */
export function hostCover(outer: string[]): (inner: string) => boolean {
  const names = new Set(outer.filter((host) => !isWildcard(host)));
  const suffixes = new Set(outer.filter(isWildcard).map((host) => host.slice(1)));
  return (inner) => {
    if (names.has(inner)) return true;
    const name = isWildcard(inner) ? inner.slice(1) : inner;
    for (let at = 0; at <= name.length; at += 1) {
      if (suffixes.has(name.slice(at))) return true;
    }
    return false;
  };
}
