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
  if (byteLength(host) > 255) return `${show(host)} is longer than the 255 bytes of a host name`;
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

/** As `fqdnProblem`, but the first label may be `*`, `*-x` or `*x`. */
export function wildcardHostProblem(host: string): string | undefined {
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

/** Whether two hosts can match one name. */
export function hostsOverlap(a: string, b: string): boolean {
  const [x, y] = [a.slice(1), b.slice(1)];
  if (isWildcard(a) && isWildcard(b)) return a.length < b.length ? y.endsWith(x) : x.endsWith(y);
  if (isWildcard(a)) return b.endsWith(x);
  return isWildcard(b) ? a.endsWith(y) : a === b;
}

/** Whether every name that `inner` matches is matched by `outer`. */
export function hostWithin(inner: string, outer: string): boolean {
  if (isWildcard(inner)) {
    return (
      isWildcard(outer) && inner.length >= outer.length && inner.slice(1).endsWith(outer.slice(1))
    );
  }
  return isWildcard(outer) ? inner.endsWith(outer.slice(1)) : inner === outer;
}
