export interface RequestContract {
  id: string;
  rest: { method: string; path: string };
  versioned?: boolean;
}

type Input = Record<string, unknown>;

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** In single quotes for a POSIX shell. */
export const shellQuote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Input split as REST takes it: path filled in, query or body, and the version for If-Match. */
export function restRequest(contract: RequestContract, input: Input) {
  const rest = { ...input };
  const path = contract.rest.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest[name] ?? `{${name}}`);
    delete rest[name];
    return value;
  });
  let ifMatch: string | null = null;
  if (contract.versioned && rest['version'] !== undefined) {
    ifMatch = `"${String(rest['version'])}"`;
    delete rest['version'];
  }
  const fields = Object.entries(rest).filter(([, value]) => !isEmpty(value));
  if (contract.rest.method !== 'GET' && contract.rest.method !== 'DELETE')
    return { method: contract.rest.method, path, ifMatch, body: Object.fromEntries(fields) };
  const query = new URLSearchParams(fields.map(([k, v]) => [k, String(v)])).toString();
  return {
    method: contract.rest.method,
    path: query ? `${path}?${query}` : path,
    ifMatch,
    body: null,
  };
}

/** The call as a curl line; the token comes from the environment. */
export function asCurl(contract: RequestContract, input: Input, origin: string): string {
  const { method, path, ifMatch, body } = restRequest(contract, input);
  const lines = [
    `curl${method === 'GET' ? '' : ` -X ${method}`} ${shellQuote(origin + path)}`,
    `-H "Authorization: Bearer $AMBIT_TOKEN"`,
  ];
  if (ifMatch) lines.push(`-H 'If-Match: ${ifMatch}'`);
  if (body && Object.keys(body).length > 0)
    lines.push(`-H 'Content-Type: application/json'`, `-d ${shellQuote(JSON.stringify(body))}`);
  return lines.join(' \\\n  ');
}

const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function flags(input: Input, prefix = ''): string[] {
  return Object.entries(input).flatMap(([name, value]) => {
    const flag = prefix + kebab(name);
    if (isEmpty(value)) return [];
    if (value === true) return [`--${flag}`];
    if (value === false) return [`--no-${flag}`];
    if (Array.isArray(value)) return [`--${flag} ${shellQuote(value.join(','))}`];
    if (typeof value === 'object') return flags(value as Input, `${flag}.`);
    return [`--${flag} ${shellQuote(String(value))}`];
  });
}

/** The call as an `ambit` command. */
export function asCommand(contract: RequestContract, input: Input): string {
  const [domain = '', verb = ''] = contract.id.split('.');
  const parts = [`ambit ${domain} ${kebab(verb)}`, ...flags(input)];
  return parts.length <= 3 ? parts.join(' ') : parts.join(' \\\n  ');
}
