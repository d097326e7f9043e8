import { isIP, isIPv4 } from 'node:net';
import { Environment } from '@marcbachmann/cel-js';
import { isRequestUri, parseGoUrl, splitHost, type GoUrl } from './go-url.ts';
import { compilePattern } from './pattern.ts';

class Url {
  readonly url: GoUrl;
  constructor(url: GoUrl) {
    this.url = url;
  }
}

class Ip {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const requireIp = (text: string): Ip => {
  if (isIP(text) === 0) throw new Error(`IP Address parse error: ${text}`);
  return new Ip(text);
};

const isCidr = (text: string): boolean => {
  const [address, bits, ...rest] = text.split('/');
  if (address === undefined || bits === undefined || rest.length > 0 || !/^\d{1,3}$/.test(bits)) {
    return false;
  }
  const version = isIP(address);
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128);
};

const order = (a: unknown, b: unknown): number => {
  if ((a as bigint) < (b as bigint)) return -1;
  return (a as bigint) > (b as bigint) ? 1 : 0;
};

const total = (list: unknown[]): number | bigint =>
  list.some((item) => typeof item === 'number')
    ? list.reduce((sum: number, item) => sum + Number(item), 0)
    : list.reduce((sum: bigint, item) => sum + (item as bigint), 0n);

/**
 * CEL as Kubernetes has it for x-kubernetes-validations: the standard functions of the library
 * and the url, ip, regex, string and list functions that Istio, Gateway API and usual CRDs call.
 * Left out: find, quantity, format, sets, semver and the authorizer.
 */
export function createRuleEnvironment(): Environment {
  return new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 100_000, maxDepth: 500 },
  })
    .registerVariable('self', 'dyn')
    .registerVariable('oldSelf', 'dyn')
    .registerType('URL', Url)
    .registerType('IP', Ip)
    .registerFunction('url(string): URL', (text: string) => new Url(parseGoUrl(text)))
    .registerFunction('isURL(string): bool', isRequestUri)
    .registerFunction('URL.getScheme(): string', ({ url }: Url) => url.scheme)
    .registerFunction('URL.getHost(): string', ({ url }: Url) => url.host)
    .registerFunction('URL.getHostname(): string', ({ url }: Url) => splitHost(url.host).hostname)
    .registerFunction('URL.getPort(): string', ({ url }: Url) => splitHost(url.host).port)
    .registerFunction('URL.getEscapedPath(): string', ({ url }: Url) => url.escapedPath)
    .registerFunction('isIP(string): bool', (text: string) => isIP(text) !== 0)
    .registerFunction('ip(string): IP', requireIp)
    .registerFunction('IP.family(): int', ({ text }: Ip) => (isIPv4(text) ? 4n : 6n))
    .registerFunction('isCIDR(string): bool', isCidr)
    .registerFunction('string.matchesRe2(string): bool', (text: string, pattern: string) =>
      compilePattern(pattern).test(text),
    )
    .registerFunction(
      'string.replace(string, string): string',
      (text: string, a: string, b: string) => text.replaceAll(a, b),
    )
    .registerFunction('string.charAt(int): string', (text: string, at: bigint) =>
      text.charAt(Number(at)),
    )
    .registerFunction('list.isSorted(): bool', (list: unknown[]) =>
      list.every((item, i) => i === 0 || order(list[i - 1], item) <= 0),
    )
    .registerFunction('list.sum(): dyn', total)
    .registerFunction('list.min(): dyn', (list: unknown[]) => list.toSorted(order)[0])
    .registerFunction('list.max(): dyn', (list: unknown[]) => list.toSorted(order).at(-1));
}
