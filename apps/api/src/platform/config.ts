import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import type { KeptHours } from '@ambit/services/telemetry-store/resolutions';
import { z } from 'zod';

export interface Config {
  port: number;
  host: string;
  /** Folder of the platform's state, absolute. */
  home: string;
  databaseUrl: string;
  /** Redis or Valkey for the queue; Postgres carries it when null. */
  redisUrl: string | null;
  publicUrl: string;
  agentUrl: string;
  agentImage: string;
  /** JSON file that replaces the built-in release catalogue. */
  releasesFile: string | null;
  consoleUrl: string | null;
  /** The sandbox cluster that `npm start` runs; only the server reaches into it. */
  sandboxUrl: string | null;
  /** Port of the worker's health and metrics; none when null. */
  workerPort: number | null;
  /** Folder of downloaded renderers, absolute. */
  cache: string;
  /** Private and other special networks that alerts may be sent into and integrations be asked in. */
  alertAllow: string[];
  /** How many hours of rates are kept, by how fine they are. */
  telemetryHours: KeptHours;
  logLevel: LogLevel;
  otlpEndpoint: string | null;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The environment cannot be used; the message has one line a variable, with what to do. */
export class ConfigError extends Error {}

const address = (protocols: string[], example: string) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `expected an address such as ${example}`,
  });

function isNetwork(text: string): boolean {
  const [, ip = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(ip);
  return family !== 0 && Number(bits ?? 0) <= (family === 4 ? 32 : 128);
}

const http = (example: string) =>
  address(['http:', 'https:'], example).transform((text) => text.replace(/\/+$/, ''));

const variables = z.object({
  AMBIT_PORT: z.coerce
    .number('expected a port from 0 to 65535, such as 4600')
    .int('expected a whole number from 0 to 65535, such as 4600')
    .min(0, 'expected a port from 0 to 65535, such as 4600')
    .max(65_535, 'expected a port from 0 to 65535, such as 4600')
    .default(4600),
  AMBIT_HOST: z.string().default('127.0.0.1'),
  AMBIT_HOME: z.string().default('.ambit'),
  AMBIT_DATABASE_URL: z
    .string('expected the address of a Postgres database; `npm start` sets it up by itself')
    .pipe(address(['postgres:', 'postgresql:'], 'postgresql://user:password@host:5432/ambit')),
  AMBIT_REDIS_URL: address(['redis:', 'rediss:'], 'redis://host:6379').optional(),
  AMBIT_PUBLIC_URL: http('https://ambit.example.com').optional(),
  AMBIT_AGENT_URL: http('https://ambit.example.com').optional(),
  AMBIT_AGENT_IMAGE: z.string().default('docker.io/ambit/agent:dev'),
  AMBIT_RELEASES: z.string().optional(),
  AMBIT_CONSOLE_URL: http('http://127.0.0.1:4601').optional(),
  AMBIT_SANDBOX_URL: http('http://127.0.0.1:4603').optional(),
  AMBIT_WORKER_PORT: z.coerce
    .number('expected a port from 1 to 65535, such as 4602')
    .int('expected a whole number from 1 to 65535, such as 4602')
    .min(1, 'expected a port from 1 to 65535, such as 4602')
    .max(65_535, 'expected a port from 1 to 65535, such as 4602')
    .optional(),
  AMBIT_CACHE: z.string().optional(),
  AMBIT_ALERT_ALLOW: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .refine((entries) => entries.every(isNetwork), {
      message: 'expected networks and addresses with commas, such as 10.0.0.0/8,192.168.1.5',
    }),
  AMBIT_TELEMETRY_HOURS: z
    .string()
    .regex(
      /^\d{1,4},\d{1,4},\d{1,5}$/,
      'expected how many hours rates of 10 s, of a minute and of ten minutes are kept, such as 6,72,720',
    )
    .default('6,72,720'),
  AMBIT_LOG_LEVEL: z.enum(logLevels, `expected one of ${logLevels.join(', ')}`).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: http('http://127.0.0.1:4318').optional(),
});

const secretOf = /:\/\/([^:/?#]*):([^@]*)@/;

/** An address without its password, fit to be shown. */
export const hidePassword = (url: string): string => url.replace(secretOf, '://$1:…@');

function hoursOf(text: string): KeptHours {
  const [finest, minutes, coarsest] = text.split(',').map((hours) => Math.max(1, Number(hours)));
  return { '10s': finest, '1m': minutes, '10m': coarsest };
}

/**
 * Reads the environment; a variable that is empty counts as not set.
 * @throws ConfigError that names every variable that is wrong, its value and what is expected
 */
export function readConfig(env: NodeJS.ProcessEnv, folder: string = process.cwd()): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const value = given[name];
      const is = value === undefined ? 'is not set' : `is ${JSON.stringify(hidePassword(value))}`;
      return `${name} ${is}: ${issue.message}.`;
    });
    throw new ConfigError([...new Set(lines)].join('\n'));
  }
  const values = parsed.data;
  const home = resolve(folder, values.AMBIT_HOME);
  const shownHost = ['0.0.0.0', '::'].includes(values.AMBIT_HOST) ? '127.0.0.1' : values.AMBIT_HOST;
  const publicUrl = values.AMBIT_PUBLIC_URL ?? `http://${shownHost}:${values.AMBIT_PORT}`;
  return {
    port: values.AMBIT_PORT,
    host: values.AMBIT_HOST,
    home,
    databaseUrl: values.AMBIT_DATABASE_URL,
    redisUrl: values.AMBIT_REDIS_URL ?? null,
    publicUrl,
    agentUrl: values.AMBIT_AGENT_URL ?? publicUrl,
    agentImage: values.AMBIT_AGENT_IMAGE,
    releasesFile: values.AMBIT_RELEASES ? resolve(folder, values.AMBIT_RELEASES) : null,
    consoleUrl: values.AMBIT_CONSOLE_URL ?? null,
    sandboxUrl: values.AMBIT_SANDBOX_URL ?? null,
    workerPort: values.AMBIT_WORKER_PORT ?? null,
    cache: values.AMBIT_CACHE ? resolve(folder, values.AMBIT_CACHE) : join(home, 'cache'),
    alertAllow: values.AMBIT_ALERT_ALLOW,
    telemetryHours: hoursOf(values.AMBIT_TELEMETRY_HOURS),
    logLevel: values.AMBIT_LOG_LEVEL,
    otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
  };
}
