import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { files } from './plans.ts';

/** `npm run dashboards`: writes every dashboard into generated/. */
const folder = join(import.meta.dirname, '..', 'generated');
mkdirSync(folder, { recursive: true });
for (const [name, text] of files()) writeFileSync(join(folder, name), text);
process.stdout.write(`${files().size} dashboards are in infra/dashboards/generated\n`);
