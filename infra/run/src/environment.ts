import { resolve } from 'node:path';
import { z } from 'zod';
import { Problem } from '../bootstrap/problem.mjs';
import { root } from './root.ts';

const schema = z.object({
  AMBIT_PORT: z.coerce
    .number('a port number such as 4600')
    .int('a whole number')
    .min(1, 'a port between 1 and 65535')
    .max(65535, 'a port between 1 and 65535')
    .default(4600),
  AMBIT_HOST: z.string().min(1).default('127.0.0.1'),
  AMBIT_HOME: z.string().min(1).default('.ambit'),
  AMBIT_DATABASE_URL: z
    .string()
    .regex(
      /^postgres(ql)?:\/\//,
      'an address such as postgresql://user:password@host:5432/database',
    )
    .optional(),
  AMBIT_PUBLIC_URL: z.url('an address such as https://ambit.example.com').optional(),
});

export interface Environment {
  port: number;
  host: string;
  /** State folder, absolute. */
  home: string;
  databaseUrl: string | undefined;
  /** Address people use, without a trailing slash. */
  publicUrl: string;
}

/** Reads AMBIT_* variables; an empty one counts as left out. Throws Problem naming each wrong one. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    throw new Problem(
      parsed.error.issues
        .map(
          ({ path, message }) => `${path.join('.')}="${env[String(path[0])]}": expected ${message}`,
        )
        .join('\n'),
      'Correct or unset it and start again.',
    );
  }
  const { AMBIT_PORT, AMBIT_HOST, AMBIT_HOME, AMBIT_DATABASE_URL, AMBIT_PUBLIC_URL } = parsed.data;
  return {
    port: AMBIT_PORT,
    host: AMBIT_HOST,
    home: resolve(root, AMBIT_HOME),
    databaseUrl: AMBIT_DATABASE_URL,
    publicUrl: (AMBIT_PUBLIC_URL ?? `http://127.0.0.1:${AMBIT_PORT}`).replace(/\/+$/, ''),
  };
}
