import {
  restRequest as toRestRequest,
  type RequestContract,
  type RestRequest,
} from '@ambit/client/request';

export type { RequestContract };

type Input = Record<string, unknown>;

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** In single quotes for a POSIX shell. */
export const shellQuote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The call as REST takes it; fields that were left empty do not travel. */
export const restRequest = (contract: RequestContract, input: Input): RestRequest =>
  toRestRequest(
    contract,
    Object.fromEntries(Object.entries(input).filter(([, value]) => !isEmpty(value))),
  );

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

/** Lists of texts with commas, of objects as JSON: as the command line reads them. */
const listText = (list: unknown[]): string =>
  list.some((each) => typeof each === 'object') ? JSON.stringify(list) : list.join(',');

function flags(input: Input, prefix = ''): string[] {
  return Object.entries(input).flatMap(([name, value]) => {
    const flag = prefix + kebab(name);
    if (isEmpty(value)) return [];
    if (value === true) return [`--${flag}`];
    if (value === false) return [`--no-${flag}`];
    if (Array.isArray(value)) return [`--${flag} ${shellQuote(listText(value))}`];
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
