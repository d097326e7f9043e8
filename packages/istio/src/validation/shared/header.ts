import { hasControl, show } from './json.ts';

const token = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const pseudo = new Set([':method', ':scheme', ':authority', ':path', ':status']);
const claimPrefix = '@request.auth.claims';

/** A route on a JWT claim, `@request.auth.claims.x` or `@request.auth.claims[x]`. */
export function isClaimRoute(name: string): boolean {
  if (!name.toLowerCase().startsWith(claimPrefix)) return false;
  const rest = name.slice(claimPrefix.length);
  return (
    (rest.startsWith('.') && rest.length > 1) ||
    (rest.startsWith('[') && rest.endsWith(']') && rest.length > 2)
  );
}

const empty = 'a header name is needed';
const bad = (name: string): string => `${show(name)} is no header name`;

/** A header that a route matches on. */
export function matchHeaderProblem(name: string): string | undefined {
  if (name === '') return empty;
  return isClaimRoute(name) || pseudo.has(name) || token.test(name) ? undefined : bad(name);
}

/** A header of a CORS list. */
export function corsHeaderProblem(name: string): string | undefined {
  if (name === '') return empty;
  return token.test(name) ? undefined : bad(name);
}

/** A header that Istio fills from a claim: letters, digits, "-" and "_". */
export function strictHeaderProblem(name: string): string | undefined {
  if (name === '') return empty;
  return /^[-_A-Za-z0-9]+$/.test(name) ? undefined : bad(name);
}

/** A header of an HTTP probe: letters, digits and "-". */
export function probeHeaderProblem(name: string): string | undefined {
  if (name === '') return empty;
  return /^[-A-Za-z0-9]+$/.test(name) ? undefined : bad(name);
}

export function isAuthorityHeader(name: string): boolean {
  return ['host', ':authority'].includes(name.toLowerCase());
}

/** A header that is added to or set on a request: of the pseudo headers only the authority. */
export function requestHeaderProblem(name: string): string | undefined {
  if (name === '') return empty;
  const isRefused = name.startsWith(':') && !isAuthorityHeader(name);
  return isRefused ? `${show(name)}: a pseudo header cannot be changed` : undefined;
}

/** A header that is removed, or changed on a response. */
export function fixedHeaderProblem(name: string): string | undefined {
  if (name === '') return empty;
  if (name.toLowerCase() === 'host') return 'the Host header cannot be changed here';
  return name.startsWith(':') ? `${show(name)}: a pseudo header cannot be changed` : undefined;
}

/** A header value in Envoy's form: `%VARIABLE(args)%` is replaced, `%%` is a percent sign. */
export function headerValueProblem(value: string): string | undefined {
  if (hasControl(value, '\t')) return `${show(value)} has control characters`;
  const problem = formatProblem(value);
  return problem && `${show(value)} is no header value: ${problem}`;
}

type State = 'text' | 'name' | 'args' | 'string' | 'quote' | 'next' | 'close' | 'end';

function formatProblem(value: string): string | undefined {
  let state: State = 'text';
  for (let at = 0; at < value.length; at += 1) {
    const char = value[at] ?? '';
    const isLast = at === value.length - 1;
    const isSpace = char === ' ';
    switch (state) {
      case 'text':
        if (char !== '%') break;
        if (isLast) return 'a single % must be written as %%';
        if (value[at + 1] === '%') at += 1;
        else state = 'name';
        break;
      case 'name':
        if (char === '%') state = 'text';
        else if (char === '(') state = 'args';
        break;
      case 'args':
        if (char === '[') state = 'quote';
        else if (!isSpace) state = 'string';
        break;
      case 'quote':
        if (char === '"') state = 'string';
        else if (!isSpace) return 'a quoted text is needed in the list of arguments';
        break;
      case 'string':
        if (char === '\\' && isLast) return 'it ends in a backslash';
        if (char === '\\') at += 1;
        else if (char === ')') state = 'end';
        else if (char === '"') state = 'next';
        break;
      case 'next':
        if (char === ',') state = 'quote';
        else if (char === ']') state = 'close';
        else if (!isSpace) return 'a comma or ] is needed after an argument';
        break;
      case 'close':
        if (char === ')') state = 'end';
        else if (!isSpace) return 'a ) is needed after the arguments';
        break;
      case 'end':
        if (char === '%') state = 'text';
        else if (!isSpace) return 'a % is needed after )';
        break;
    }
  }
  return state === 'text' ? undefined : 'a % starts a variable that does not end';
}
