import { catalogue } from '@ambit/contracts/catalogue';
import type { meSchema } from '@ambit/contracts/operations/organisation';
import type { z } from 'zod';
import { exitCodes } from './exit-codes.ts';
import { didYouMean } from './names.ts';
import { table } from './output.ts';
import { parseLine } from './parse.ts';
import {
  findTarget,
  readSettings,
  settingsFile,
  writeSettings,
  type Settings,
} from './settings.ts';
import { connect, type Shell } from './shell.ts';
import { UsageError } from './usage-error.ts';

const loginHelp = `Check a token and keep it as a context.

Usage: ambit login --url URL --token TOKEN [--name NAME]

Without flags the values come from AMBIT_URL and AMBIT_TOKEN, or from the platform this checkout runs.
The token is kept in ~/.config/ambit/config.json, readable by you only.
`;

const contextHelp = `List, choose or remove contexts: platforms whose address and token are kept.

Usage: ambit context
       ambit context use NAME
       ambit context remove NAME
`;

export async function loginCommand(args: string[], shell: Shell): Promise<number> {
  const { globals, values } = parseLine(args, { name: { type: 'string' } });
  if (globals.help) {
    shell.out(loginHelp);
    return exitCodes.done;
  }
  const connection = connect(shell, globals);
  const me = (await connection.call(catalogue.me.get, {})) as z.infer<typeof meSchema>;
  const name = String([values['name'] ?? new URL(connection.url).host].flat().at(-1));
  const { url, token } = connection;
  const { contexts } = readSettings(shell.env);
  writeSettings(shell.env, { current: name, contexts: { ...contexts, [name]: { url, token } } });
  shell.out(
    `${url}: ${me.actor.name}, ${me.role} of ${me.organisation.name}\nKept as context "${name}" in ${settingsFile(shell.env)}\n`,
  );
  return exitCodes.done;
}

export function contextCommand(args: string[], shell: Shell): number {
  const { globals, positionals } = parseLine(args, {});
  const [action, name] = positionals;
  const settings = readSettings(shell.env);
  if (globals.help) shell.out(contextHelp);
  else if (action === undefined) list(settings, globals, shell);
  else if (action === 'use' || action === 'remove') change(settings, action, name, shell);
  else {
    throw new UsageError(`"context" has no "${action}"`, didYouMean(action, ['use', 'remove']));
  }
  return exitCodes.done;
}

function list(settings: Settings, flags: { url?: string; token?: string }, shell: Shell): void {
  const rows = Object.entries(settings.contexts).map(([name, { url }]) => ({
    current: name === settings.current ? '*' : '',
    name,
    url,
  }));
  if (rows.length > 0) shell.out(table(rows));
  const target = findTarget(flags, shell.env);
  shell.out(`Commands speak to ${target.url} (from ${target.from}).\n`);
}

function change(
  { current, contexts }: Settings,
  action: 'use' | 'remove',
  name: string | undefined,
  shell: Shell,
): void {
  const known = Object.keys(contexts);
  if (!name || !known.includes(name)) {
    throw new UsageError(
      name ? `there is no context "${name}"` : 'the name of a context is needed',
      known.length > 0 ? didYouMean(name ?? '', known) : 'Make one with "ambit login".',
    );
  }
  if (action === 'use') {
    writeSettings(shell.env, { current: name, contexts });
    shell.out(`Commands now speak to ${contexts[name]!.url}.\n`);
    return;
  }
  const { [name]: _, ...left } = contexts;
  writeSettings(shell.env, { current: current === name ? null : current, contexts: left });
  shell.out(`Context "${name}" is removed.\n`);
}
