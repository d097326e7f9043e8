import type { OperationContract } from '@ambit/contracts/operation';
import { stringify } from 'yaml';
import { commands, domains, positionals, verbsOf, type Command } from './commands.ts';
import { flagsOf, type Flag } from './flags.ts';
import { kebab } from './names.ts';

const pairs = (rows: [string, string][], indent = '  '): string => {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `${indent}${left.padEnd(width)}${right}`.trimEnd()).join('\n');
};

const globals: [string, string][] = [
  ['-o, --output FORMAT', 'table (usual), json or yaml'],
  ['-f, --file FILE', 'input as YAML or JSON, or the text of --yaml; "-" reads standard input'],
  [
    '    --url, --token',
    'the platform to speak to, instead of AMBIT_URL, AMBIT_TOKEN or the context',
  ],
  ['-h, --help', 'this page'],
];

export const own: [string, string][] = [
  ['login --url URL --token TOKEN', 'check a token and keep it as a context'],
  ['context [use NAME | remove NAME]', 'list, choose or remove contexts'],
  ['agent install --cluster NAME', 'join a cluster and install its agent with kubectl'],
  ['operation watch ID', 'follow a lifecycle change, step by step, to its end'],
  ['kubeconfig MESH', "print a kubeconfig for the mesh's own Kubernetes API"],
  ['credential', 'print the API token as kubectl takes it from a kubeconfig'],
  ['analyze FILE...', 'say what is wrong in files before it is applied, without a cluster'],
  ['validate FILE...', 'say what Kubernetes and Istio would refuse in files, without a cluster'],
  ['api', 'every verb with its REST route'],
];

export function mainHelp(): string {
  return `The command line of Ambit, the managed service mesh.

Usage: ambit <domain> <verb> [flags]

Domains:
${pairs(
  domains.map((domain) => [
    domain,
    verbsOf(domain)
      .map(({ verb }) => verb)
      .join(', '),
  ]),
)}

Also:
${pairs(own)}

Flags everywhere:
${pairs(globals)}

Examples:
  ambit cluster list
  ambit mesh create --name shop --cluster-ids prod-eu --wait
  ambit policy apply shop -f routes.yaml
  ambit mesh get shop -o yaml

"ambit <domain> --help" and "ambit <domain> <verb> --help" tell more.
`;
}

export function domainHelp(domain: string): string {
  const rows = verbsOf(domain).map(({ verb, contract }): [string, string] => [
    `${verb} ${positionals(contract).map(placeholder).join(' ')}`.trim(),
    contract.summary,
  ]);
  const watch: [string, string][] =
    domain === 'operation' ? [['watch OPERATION', 'Follow an operation to its end']] : [];
  return `Usage: ambit ${domain} <verb> [flags]\n\n${pairs([...rows, ...watch])}\n`;
}

const placeholder = (field: string): string =>
  kebab(field)
    .replace(/-ids?$/, '')
    .toUpperCase();

export function commandHelp({ domain, verb, contract }: Command): string {
  const flags = flagsOf(contract.input);
  const places = positionals(contract).map(placeholder).join(' ');
  const parts = [
    contract.summary,
    contract.description ?? '',
    `Usage: ambit ${domain} ${verb}${places ? ` ${places}` : ''}${flags.length > 0 ? ' [flags]' : ''}`,
    flags.length > 0 ? `Flags:\n${pairs(flags.map(flagRow))}` : '',
    `Flags everywhere:\n${pairs([...globals, ...extras(contract)])}`,
    exampleOf({ domain, verb, contract }),
    contract.errors
      ? `Refused when:\n${contract.errors.map((line) => `  ${line}`).join('\n')}`
      : '',
    `REST: ${contract.rest.method} ${contract.rest.path} · needs ${contract.permission}`,
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function extras(contract: OperationContract): [string, string][] {
  const rows: [string, string][] = [];
  if ('cursor' in contract.input.shape) rows.push(['    --all', 'every page, not only the first']);
  if (startsOperation(contract)) rows.push(['    --wait', 'follow the operation to its end']);
  if (contract.kind === 'command') {
    rows.push(['    --idempotency-key KEY', 'repeat an earlier command safely']);
  }
  return rows;
}

/** True when the verb begins a lifecycle change that can be followed. */
export const startsOperation = (contract: OperationContract): boolean =>
  'shape' in contract.output &&
  'operation' in (contract.output as unknown as { shape: Record<string, unknown> }).shape &&
  contract.rest.status === 202;

const valueNames: Record<Flag['kind'], string> = {
  string: ' TEXT',
  number: ' NUMBER',
  numberOrText: ' NUMBER|WORD',
  boolean: '',
  list: ' A,B',
  json: ' JSON',
};

function flagRow(flag: Flag): [string, string] {
  const value = flag.choices.length > 0 ? ` ${flag.choices.join('|')}` : valueNames[flag.kind];
  const notes = [
    flag.description,
    flag.required ? '(needed)' : '',
    flag.default === undefined ? '' : `(default ${JSON.stringify(flag.default)})`,
  ];
  return [`--${flag.name}${value}`, notes.filter(Boolean).join(' ')];
}

function exampleOf({ domain, verb, contract }: Command): string {
  const [example] = contract.examples ?? [];
  const places = positionals(contract).map(placeholder).join(' ');
  if (!example) return `Example:\n  ambit ${domain} ${verb}${places ? ` ${places}` : ''}`;
  const body = stringify(example.input).trimEnd().replaceAll(/^/gm, '  ');
  return `Example (${example.name}):\n  ambit ${domain} ${verb} -f input.yaml\n\nwith input.yaml:\n${body}`;
}

/** Every verb with its route. */
export const apiHelp = (): string =>
  `${pairs(
    commands.map(({ domain, verb, contract }) => [
      `ambit ${domain} ${verb}`,
      `${contract.rest.method.padEnd(6)} ${contract.rest.path}`,
    ]),
    '',
  )}\n`;
