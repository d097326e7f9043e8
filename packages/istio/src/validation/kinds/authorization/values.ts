import { isCidr, isIpAddress } from '../../shared/ip.ts';
import { byteLength, show } from '../../shared/json.ts';

function first(
  values: string[],
  problem: (value: string) => string | undefined,
): string | undefined {
  for (const value of values) {
    const found = problem(value);
    if (found) return found;
  }
  return undefined;
}

export const emptyProblem = (values: string[]): string | undefined =>
  values.includes('') ? 'an empty value matches nothing; leave it out' : undefined;

export function ipsProblem(values: string[]): string | undefined {
  return first(values, (value) =>
    (value.includes('/') ? isCidr(value) : isIpAddress(value))
      ? undefined
      : `${show(value)} is no IP address or address block`,
  );
}

export function portsProblem(values: string[]): string | undefined {
  return first(values, (value) =>
    /^\d+$/.test(value) && Number(value) <= 65535 ? undefined : `${show(value)} is no port`,
  );
}

/** One wildcard, at the beginning or the end. */
export function wildcardsProblem(values: string[]): string | undefined {
  return (
    emptyProblem(values) ??
    first(values, (value) => {
      const stars = value.split('*').length - 1;
      const isValid =
        stars === 0 || (stars === 1 && (value.startsWith('*') || value.endsWith('*')));
      return isValid
        ? undefined
        : `${show(value)}: one wildcard is allowed, at the beginning or the end`;
    })
  );
}

export function trustDomainsProblem(values: string[]): string | undefined {
  return (
    wildcardsProblem(values) ??
    first(values, (value) =>
      value.includes('/') ? `${show(value)}: a trust domain has no "/"` : undefined,
    )
  );
}

export function serviceAccountsProblem(values: string[]): string | undefined {
  if (values.length > 16) return 'no more than 16 service accounts are possible';
  return first(values, (value) => {
    if (value.includes('*')) return `${show(value)}: a wildcard is not possible here`;
    if (byteLength(value) > 320) return `${show(value)} is longer than 320 bytes`;
    const names = value.split('/');
    return names.length > 2 || names.includes('')
      ? `${show(value)} must be written as account or namespace/account`
      : undefined;
  });
}

const literal = /^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/;

function pathProblem(path: string): string | undefined {
  const isTemplate = path.includes('{*}') || path.includes('{**}');
  let hasRest = false;
  for (const part of path.replace(/^\/+|\/+$/g, '').split('/')) {
    const isAny = part === '{**}';
    if (isAny || part === '{*}') {
      if (hasRest) return `${show(path)}: nothing can follow {**} but plain text`;
      hasRest = isAny;
    } else if (/[{}]/.test(part)) {
      return `${show(path)}: only {*} and {**} are possible in braces, as whole parts of the path`;
    } else if (isTemplate && !literal.test(part)) {
      return `${show(path)}: ${show(part)} cannot stand in a path with {*} or {**}`;
    }
  }
  return undefined;
}

export const pathsProblem = (values: string[]): string | undefined => first(values, pathProblem);
