import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { UsageError } from './usage-error.ts';

const settingsSchema = z.object({
  current: z.string().nullable(),
  contexts: z.record(z.string(), z.object({ url: z.string(), token: z.string() })),
});
export type Settings = z.infer<typeof settingsSchema>;

const adminSchema = z.object({ url: z.string(), token: z.string() });
const none: Settings = { current: null, contexts: {} };
const checkout = fileURLToPath(new URL('../../../../', import.meta.url));

type Environment = Record<string, string | undefined>;

/** Which platform a command speaks to, and where that was said. */
export interface Target {
  url: string;
  token: string;
  from: string;
}

export const settingsFile = (env: Environment): string =>
  join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'ambit', 'config.json');

export function readSettings(env: Environment): Settings {
  const file = settingsFile(env);
  if (!existsSync(file)) return none;
  const parsed = settingsSchema.safeParse(parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `${file} is not a settings file of ambit: ${parsed.error.issues[0]?.message}`,
    'Correct it, or remove it and run "ambit login" again.',
  );
}

/** Writes the settings, readable by their owner only. */
export function writeSettings(env: Environment, settings: Settings): void {
  const file = settingsFile(env);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/**
 * Finds address and token: flags, then AMBIT_URL and AMBIT_TOKEN, then the current context, then the admin.json of a
 * platform that `npm start` set up in this checkout.
 * @throws UsageError when nothing says them
 */
export function findTarget(flags: { url?: string; token?: string }, env: Environment): Target {
  const settings = readSettings(env);
  const current = settings.current ? settings.contexts[settings.current] : undefined;
  const adminFile = resolve(checkout, env['AMBIT_HOME'] || '.ambit', 'admin.json');
  const sources: { url?: string | undefined; token?: string | undefined; from: string }[] = [
    { ...flags, from: 'flags' },
    { url: env['AMBIT_URL'], token: env['AMBIT_TOKEN'], from: 'AMBIT_URL and AMBIT_TOKEN' },
    { ...current, from: `context ${settings.current}` },
    { ...readAdmin(adminFile), from: adminFile },
  ];
  const url = sources.find((source) => source.url);
  // A token is never sent to an address that came from elsewhere than itself, unless that was typed or exported.
  const token = sources.find(
    (source) => source.token && (source === url || sources.indexOf(source) < 2),
  );
  if (url?.url && token?.token) return { url: url.url, token: token.token, from: url.from };
  throw new UsageError(
    url?.url ? `there is no API token for ${url.url}` : 'no platform is chosen',
    'Run "ambit login --url https://… --token …", or set AMBIT_URL and AMBIT_TOKEN. Tokens are made in the console under Access.',
  );
}

function readAdmin(file: string): { url?: string; token?: string } {
  if (!existsSync(file)) return {};
  try {
    const parsed = adminSchema.safeParse(parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : {};
  } catch {
    // Another user's platform: its file is closed to us.
    return {};
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
