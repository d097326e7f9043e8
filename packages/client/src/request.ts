/** What a REST request needs to know of a contract. */
export interface RequestContract {
  id: string;
  rest: { method: string; path: string };
  versioned?: boolean;
}

export interface RestRequest {
  method: string;
  /** Path and query. */
  path: string;
  /** Value of If-Match, quotes and all; null when the verb is not versioned. */
  ifMatch: string | null;
  /** Null for methods whose input travels in the query. */
  body: Record<string, unknown> | null;
}

/**
 * Splits the input of a verb as REST takes it: path filled in, the rest in query (GET, DELETE) or body, and `version`
 * as If-Match. A missing path field keeps its braces. Undefined is left out.
 */
export function restRequest(
  contract: RequestContract,
  input: Record<string, unknown>,
): RestRequest {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const take = (name: string): unknown => {
    const value = rest.get(name);
    rest.delete(name);
    return value;
  };
  const path = contract.rest.path.replaceAll(/\{(\w+)\}/g, (braces, name: string) => {
    const value = take(name);
    return value === undefined ? braces : encodeURIComponent(String(value));
  });
  const version = contract.versioned ? take('version') : undefined;
  const ifMatch = version === undefined ? null : `"${String(version)}"`;
  const { method } = contract.rest;
  if (method !== 'GET' && method !== 'DELETE') {
    return { method, path, ifMatch, body: Object.fromEntries(rest) };
  }
  const query = new URLSearchParams(
    [...rest].map(([key, value]): [string, string] => [key, String(value)]),
  );
  return { method, path: query.size > 0 ? `${path}?${query}` : path, ifMatch, body: null };
}
