import type { LifecycleOperation } from '@ambit/contracts/lifecycle';
import { parse as parseYaml } from 'yaml';
import type { CallOptions } from '../sdk.ts';
import { positionals, type Command } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { flagsOf, type Flag } from './flags.ts';
import { commandHelp, startsOperation } from './help.ts';
import { didYouMean, kebab } from './names.ts';
import { format, formats, type Format } from './output.ts';
import { inputFrom, parseLine, type Parsed } from './parse.ts';
import { resolveNames } from './resolve-names.ts';
import { connect, getterOf, type Connection, type Shell } from './shell.ts';
import { topologyRows } from './topology-rows.ts';
import { UsageError } from './usage-error.ts';
import { watchOperation } from './watch.ts';

type Input = Record<string, unknown>;

/** Verbs whose answer is a file for other programs: printed whole unless another format is asked for. */
const files: ReadonlySet<string> = new Set(['mesh.kubeconfig']);

/** Answers that programs read as they are, and people in another shape. */
const forPeople: Record<string, (answer: never) => unknown> = { 'topology.get': topologyRows };

/** Runs a command of the catalogue. Gives the exit code; throws UsageError and ApiError. */
export async function runCommand(command: Command, args: string[], shell: Shell): Promise<number> {
  const { contract, domain } = command;
  const flags = flagsOf(contract.input);
  const parsed = parseLine(args, specsOf(flags));
  if (parsed.globals.help) {
    shell.out(commandHelp(command));
    return exitCodes.done;
  }
  const as = formatOf(parsed.globals.output ?? (files.has(contract.id) ? 'yaml' : undefined));
  const typed = typedInput(command, flags, parsed, shell);
  const connection = connect(shell, parsed.globals);
  const named = withCredential(command, await resolveNames(connection, typed), connection);
  const input = await withVersion(command, named, connection);
  check(command, flags, input);
  const key = parsed.globals['idempotency-key'];
  const options = { signal: shell.signal, ...(key ? { idempotencyKey: key } : {}) };
  const answer = parsed.globals.all
    ? await everyPage(connection, command, input, options)
    : await connection.call(contract, input, options);
  const shown = (as === 'table' && forPeople[contract.id]?.(answer as never)) || answer;
  shell.out(format(shown, as, domain));
  if (as === 'table') hintMore(answer, shell);
  return parsed.globals.wait && startsOperation(contract)
    ? watchOperation(connection, (answer as { operation: LifecycleOperation }).operation.id, shell)
    : exitCodes.done;
}

type Specs = Parameters<typeof parseLine>[1];

const specsOf = (flags: Flag[]): Specs =>
  Object.fromEntries(
    flags.map((flag) => [flag.name, { type: flag.kind === 'boolean' ? 'boolean' : 'string' }]),
  ) as Specs;

/** Reads -o. Throws UsageError. */
export function formatOf(output: string | undefined): Format {
  const chosen = output ?? 'table';
  if ((formats as readonly string[]).includes(chosen)) return chosen as Format;
  throw new UsageError(`there is no output format "${chosen}"`, didYouMean(chosen, formats));
}

/** File first, then words in the order of the path, then flags: the later wins. */
function typedInput(
  { contract }: Command,
  flags: Flag[],
  { globals, values, positionals: words }: Parsed,
  shell: Shell,
): Input {
  const places = positionals(contract).filter((field) => values[kebab(field)] === undefined);
  if (words.length > places.length) {
    throw new UsageError(
      `"${words[places.length]}" is one word too many`,
      'Values with spaces go in quotes; other values need their flag (see --help).',
    );
  }
  const byPlace = Object.fromEntries(words.map((word, index) => [places[index]!, word]));
  const fromFile = globals.file === undefined ? {} : fileInput(globals.file, flags, shell);
  return inputFrom(flags, values, { ...fromFile, ...byPlace });
}

function fileInput(path: string, flags: Flag[], shell: Shell): Input {
  let text: string;
  try {
    text = shell.readFile(path);
  } catch (error) {
    throw new UsageError(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Check the path; "-" reads standard input.',
    );
  }
  if (flags.some(({ path: [field] }) => field === 'yaml')) return { yaml: text };
  const value = parseYaml(text) as unknown;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Input;
  throw new UsageError(`${path} holds no object`, 'Write the fields of --help as YAML or JSON.');
}

/** kubectl asks its exec plugins over TLS only: without it, the token is to stand in the kubeconfig. */
function withCredential({ contract }: Command, input: Input, { url }: Connection): Input {
  const decided = contract.id !== 'mesh.kubeconfig' || input['credential'] !== undefined;
  return decided || url.startsWith('https:') ? input : { ...input, credential: 'inline' };
}

/** A change that states no version is based on what is there now. */
async function withVersion(
  { contract }: Command,
  input: Input,
  connection: Connection,
): Promise<Input> {
  if (!contract.versioned || input['version'] !== undefined) return input;
  const getter = getterOf(contract.id.split('.')[0]!);
  if (!getter) return input;
  const fields = Object.keys(getter.input.shape).filter((field) => field in input);
  if (fields.length < Object.keys(getter.input.shape).length) return input;
  const now = (await connection.call(
    getter,
    Object.fromEntries(fields.map((field) => [field, input[field]])),
  )) as { version: number };
  return { ...input, version: now.version };
}

/** The same validation as the platform's, with flags as names. */
function check({ contract, domain, verb }: Command, flags: Flag[], input: Input): void {
  const { error } = contract.input.safeParse(input);
  if (!error) return;
  const lines = error.issues.map(({ path, message, code }) => {
    const flag = flags.find((known) => known.path.join('.') === path.join('.'));
    const name = flag ? `--${flag.name}` : path.join('.') || 'input';
    const missing = code === 'invalid_type' && valueAt(input, path) === undefined;
    return `${name}: ${missing ? 'is needed' : message}`;
  });
  throw new UsageError(lines.join('\n'), `See "ambit ${domain} ${verb} --help".`);
}

const valueAt = (input: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );

async function everyPage(
  connection: Connection,
  { contract }: Command,
  input: Input,
  options: CallOptions,
): Promise<{ items: unknown[]; nextCursor: null }> {
  const items: unknown[] = [];
  for (let cursor: unknown = input['cursor']; cursor !== null;) {
    const page = (await connection.call(contract, { ...input, cursor }, options)) as {
      items: unknown[];
      nextCursor: string | null;
    };
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return { items, nextCursor: null };
}

function hintMore(answer: unknown, shell: Shell): void {
  const next = (answer as { nextCursor?: string | null } | undefined)?.nextCursor;
  if (next) shell.err(`There is more: --all, or --cursor ${next}\n`);
}
