/** What Go's net/url makes of a URL, as far as rules ask for it. */
export interface GoUrl {
  scheme: string;
  host: string;
  escapedPath: string;
}

class Bad extends Error {}

/** `url.ParseRequestURI`: an absolute URL or an absolute path. */
export function isRequestUri(text: string): boolean {
  try {
    parse(text, true);
    return true;
  } catch (error) {
    if (error instanceof Bad) return false;
    throw error;
  }
}

/** `url.Parse` of what is a request URI: the same, and a fragment is taken off. @throws Error */
export function parseGoUrl(text: string): GoUrl {
  if (!isRequestUri(text))
    throw new Error(`URL parse error during conversion from string: ${text}`);
  const hash = text.indexOf('#');
  if (hash < 0) return parse(text, false);
  unescape(text.slice(hash + 1), 'path');
  return parse(text.slice(0, hash), false);
}

/** `Hostname` and `Port` of a host. */
export function splitHost(host: string): { hostname: string; port: string } {
  const colon = host.lastIndexOf(':');
  const hasPort = colon >= 0 && optionalPort.test(host.slice(colon));
  const name = hasPort ? host.slice(0, colon) : host;
  const isBracketed = name.startsWith('[') && name.endsWith(']');
  return {
    hostname: isBracketed ? name.slice(1, -1) : name,
    port: hasPort ? host.slice(colon + 1) : '',
  };
}

const optionalPort = /^(?::\d*)?$/;
const userinfo = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
// eslint-disable-next-line no-control-regex
const control = /[\x00-\x1f\x7f]/;

function parse(text: string, isRequest: boolean): GoUrl {
  if (control.test(text) || (text === '' && isRequest)) throw new Bad();
  if (text === '*') return { scheme: '', host: '', escapedPath: '*' };
  const [scheme, afterScheme] = splitScheme(text);
  const query = afterScheme.indexOf('?');
  let rest = query < 0 ? afterScheme : afterScheme.slice(0, query);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { scheme, host: '', escapedPath: '' };
    throw new Bad();
  }
  let host = '';
  if ((scheme !== '' || (!isRequest && !rest.startsWith('///'))) && rest.startsWith('//')) {
    const slash = rest.indexOf('/', 2);
    host = parseAuthority(slash < 0 ? rest.slice(2) : rest.slice(2, slash));
    rest = slash < 0 ? '' : rest.slice(slash);
  }
  const path = unescape(rest, 'path');
  return { scheme, host, escapedPath: unescapedInPath.test(rest) ? escapePath(path) : rest };
}

function splitScheme(text: string): [string, string] {
  const match = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(text);
  if (match !== null) return [match[1]!.toLowerCase(), text.slice(match[0].length)];
  if (text.startsWith(':')) throw new Bad();
  return ['', text];
}

function parseAuthority(authority: string): string {
  const at = authority.lastIndexOf('@');
  if (at >= 0) {
    const user = authority.slice(0, at);
    if (!userinfo.test(user)) throw new Bad();
    unescape(user, 'path');
  }
  return parseHost(authority.slice(at + 1));
}

function parseHost(host: string): string {
  if (!host.startsWith('[')) {
    const colon = host.lastIndexOf(':');
    if (colon >= 0 && !optionalPort.test(host.slice(colon))) throw new Bad();
    return unescape(host, 'host');
  }
  const end = host.lastIndexOf(']');
  if (end < 0 || !optionalPort.test(host.slice(end + 1))) throw new Bad();
  const zone = host.slice(0, end).indexOf('%25');
  if (zone < 0) return unescape(host, 'host');
  return (
    unescape(host.slice(0, zone), 'host') +
    unescape(host.slice(zone, end), 'zone') +
    unescape(host.slice(end), 'host')
  );
}

const forbiddenInHost = /[ /?@\\^`{|}#]/;
/** What the path of a URL may not hold as it is. */
const unescapedInPath = /[^A-Za-z0-9\-_.~!$&'()*+,;=:@[\]%/]/;

function unescape(text: string, part: 'path' | 'host' | 'zone'): string {
  if (part !== 'path' && forbiddenInHost.test(text)) throw new Bad();
  if (!text.includes('%')) return text;
  const bytes: Buffer[] = [];
  let from = 0;
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 3)) {
    const hex = text.slice(at + 1, at + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) throw new Bad();
    // In a host only bytes beyond ASCII may be escaped, and the percent sign before a zone.
    if (part === 'host' && hex !== '25' && Number.parseInt(hex[0]!, 16) < 8) throw new Bad();
    const byte = Buffer.from(hex, 'hex');
    const isPlain = hex === '25' || hex === '20' || !forbiddenInHost.test(byte.toString('latin1'));
    if (part === 'zone' && !isPlain) throw new Bad();
    bytes.push(Buffer.from(text.slice(from, at)), byte);
    from = at + 3;
  }
  bytes.push(Buffer.from(text.slice(from)));
  return Buffer.concat(bytes).toString('utf8');
}

const escapePath = (path: string): string =>
  [...Buffer.from(path)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      if (byte < 0x80 && /[A-Za-z0-9\-_.~$&+,/:;=@]/.test(char)) return char;
      return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
