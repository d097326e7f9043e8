import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What real proxies without Istio's extensions showed in the lab (infra/lab): metrics as they are scraped, or log lines. */
export const captured = (name: string): string =>
  readFileSync(join(import.meta.dirname, `${name}.txt`), 'utf8');

export const capturedLines = (name: string): string[] =>
  captured(name)
    .split('\n')
    .filter((line) => line !== '');
