import { parseArgs } from 'node:util';
import { parse as parseYaml } from 'yaml';
import type { Flag } from './flags.ts';
import { didYouMean } from './names.ts';
import { UsageError } from './usage-error.ts';

/** Flags that every command takes. */
export const globalFlags = {
  help: { type: 'boolean', short: 'h' },
  output: { type: 'string', short: 'o' },
  file: { type: 'string', short: 'f' },
  url: { type: 'string' },
  token: { type: 'string' },
  all: { type: 'boolean' },
  wait: { type: 'boolean' },
  'idempotency-key': { type: 'string' },
} as const;

type Spec = { type: 'boolean' | 'string'; short?: string; multiple?: boolean };

export interface Parsed {
  /** Values of global flags. */
  globals: {
    help?: boolean;
    output?: string;
    file?: string;
    url?: string;
    token?: string;
    all?: boolean;
    wait?: boolean;
    'idempotency-key'?: string;
  };
  /** Values of own flags by name, as typed. */
  values: Record<string, string[] | boolean>;
  positionals: string[];
}

/**
 * Splits a command line. `--no-x` sets a boolean to false; a list may be repeated.
 * @throws UsageError with the nearest known flag
 */
export function parseLine(args: string[], own: Record<string, Spec>): Parsed {
  const known: Record<string, Spec> = { ...globalFlags, ...own };
  const { tokens } = parseArgs({
    args,
    options: known,
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
  });
  const parsed: Parsed = { globals: {}, values: {}, positionals: [] };
  for (const token of tokens) {
    if (token.kind === 'positional') parsed.positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const negated = token.rawName.startsWith('--no-') && !(token.rawName.slice(2) in known);
    const name = negated ? token.rawName.slice('--no-'.length) : token.name;
    const spec = known[name];
    if (!spec) throw unknownFlag(token.rawName, Object.keys(known));
    set(parsed, name, spec, negated, token.rawName, token.value);
  }
  return parsed;
}

function set(
  parsed: Parsed,
  name: string,
  spec: Spec,
  negated: boolean,
  raw: string,
  value: string | undefined,
): void {
  const into: Record<string, unknown> = name in globalFlags ? parsed.globals : parsed.values;
  if (spec.type === 'boolean') {
    if (value !== undefined && value !== 'true' && value !== 'false') {
      throw new UsageError(
        `${raw} is a switch and takes no "${value}"`,
        `Write ${raw} or --no-${name}.`,
      );
    }
    into[name] = negated ? false : value !== 'false';
    return;
  }
  if (negated)
    throw new UsageError(`${raw}: --${name} takes a value and has no opposite`, 'Leave it out.');
  if (value === undefined) throw new UsageError(`${raw} needs a value`, `Write ${raw} VALUE.`);
  if (into === parsed.globals) into[name] = value;
  else parsed.values[name] = [...((parsed.values[name] as string[] | undefined) ?? []), value];
}

function unknownFlag(raw: string, known: string[]): UsageError {
  const typed = raw.replace(/^--?(no-)?/, '');
  return new UsageError(`there is no flag ${raw} here`, didYouMean(typed, known));
}

/** Lays flag values over an input. Throws UsageError for a value of the wrong kind. */
export function inputFrom(
  flags: Flag[],
  values: Parsed['values'],
  base: Record<string, unknown> = {},
): Record<string, unknown> {
  const input = structuredClone(base);
  for (const flag of flags) {
    const given = values[flag.name];
    if (given !== undefined) place(input, flag.path, valueOf(flag, given));
  }
  return input;
}

function valueOf(flag: Flag, given: string[] | boolean): unknown {
  if (typeof given === 'boolean') return given;
  const text = given.at(-1) ?? '';
  switch (flag.kind) {
    case 'number': {
      const number = Number(text);
      if (text.trim() === '' || Number.isNaN(number)) {
        throw new UsageError(
          `--${flag.name} "${text}" is not a number`,
          `Write --${flag.name} 10.`,
        );
      }
      return number;
    }
    case 'numberOrText':
      return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
    case 'list':
      return given.flatMap((part) => part.split(',')).map((part) => part.trim());
    case 'json':
      return parseYaml(text) as unknown;
    default:
      return text;
  }
}

function place(target: Record<string, unknown>, path: string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const inner = (target[head] ?? {}) as Record<string, unknown>;
  target[head] = inner;
  place(inner, rest, value);
}
