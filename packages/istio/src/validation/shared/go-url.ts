// URLs as Go's net/url reads them, which is laxer than a browser: only what can be refused is looked at.
import { isIpAddress } from './ip.ts';
import { hasControl } from './json.ts';

export type GoUrl = { scheme: string; port: string };

const badEscape = /%(?![0-9a-fA-F]{2})/;
const hostChars =
  /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]|[\u0080-\u{10ffff}]|%25|%[89a-fA-F][0-9a-fA-F])*$/u;
const userChars = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
const optionalPort = /^(?::\d*)?$/;

function bracketPort(host: string): string | undefined {
  const close = host.lastIndexOf(']');
  if (close < 0 || host.lastIndexOf('[') > 0) return undefined;
  const [address, port] = [host.slice(1, close), host.slice(close + 1)];
  const name = address.replace(/%25/, '%');
  return optionalPort.test(port) && isIpAddress(name) && name.includes(':') ? port : undefined;
}

function hostPort(scheme: string, host: string): string | undefined {
  if (host.startsWith('[')) return bracketPort(host);
  if (host.includes('[')) return undefined;
  const isStrict = scheme === 'http' || scheme === 'https';
  const colon = isStrict ? host.indexOf(':') : host.lastIndexOf(':');
  const port = colon < 0 ? '' : host.slice(colon);
  return optionalPort.test(port) && hostChars.test(host) ? port : undefined;
}

function authorityPort(scheme: string, authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : authority.slice(0, at);
  if (!userChars.test(user) || badEscape.test(user)) return undefined;
  return hostPort(scheme, authority.slice(at + 1));
}

function readScheme(url: string): { scheme: string; rest: string } | undefined {
  if (url.startsWith(':')) return undefined;
  const found = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(url);
  if (!found) return { scheme: '', rest: url };
  return { scheme: (found[1] ?? '').toLowerCase(), rest: url.slice(found[0].length) };
}

/** `isRequest`: as in a request line, so it must be absolute, and "#" has no meaning. */
export function parseGoUrl(written: string, isRequest = false): GoUrl | undefined {
  const hash = isRequest ? -1 : written.indexOf('#');
  if (hash >= 0 && badEscape.test(written.slice(hash))) return undefined;
  const url = hash < 0 ? written : written.slice(0, hash);
  if (hasControl(url) || (url === '' && isRequest)) return undefined;
  if (url === '*') return { scheme: '', port: '' };
  const found = readScheme(url);
  if (!found) return undefined;
  const { scheme } = found;
  const question = found.rest.indexOf('?');
  let rest = question < 0 ? found.rest : found.rest.slice(0, question);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { scheme, port: '' };
    if (isRequest || (rest.split('/')[0] ?? '').includes(':')) return undefined;
  }
  let port: string | undefined = '';
  const hasAuthority = scheme !== '' || (!isRequest && !rest.startsWith('///'));
  if (hasAuthority && rest.startsWith('//')) {
    const slash = rest.indexOf('/', 2);
    port = authorityPort(scheme, slash < 0 ? rest.slice(2) : rest.slice(2, slash));
    rest = slash < 0 ? '' : rest.slice(slash);
  }
  return port === undefined || badEscape.test(rest) ? undefined : { scheme, port: port.slice(1) };
}

/** The host of a URL that `parseGoUrl` takes: without user, port and brackets; empty when it has none. */
export function goUrlHost(url: string): string {
  const authority = /^(?:[A-Za-z][A-Za-z0-9+\-.]*:)?\/\/([^/?#]*)/.exec(url)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host.startsWith('[')) return host.slice(1, host.lastIndexOf(']'));
  return host.replace(/:\d*$/, '');
}
