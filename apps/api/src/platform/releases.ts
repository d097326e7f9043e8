import { readFile } from 'node:fs/promises';
import { releaseCatalogueSchema, type Release } from '@ambit/contracts/release';
import { builtInReleases } from '@ambit/istio/releases/catalogue';
import { sandboxReleases } from '@ambit/sandbox/releases/catalogue';
import { ConfigError } from './config.ts';

/**
 * The release catalogue: the built-in one with the sandbox's simulated releases, or the JSON file that AMBIT_RELEASES names.
 * @throws ConfigError when the file is missing or not a catalogue
 */
export async function loadReleases(file: string | null): Promise<Release[]> {
  if (file === null) return [...builtInReleases, ...sandboxReleases];
  const json = await readFile(file, 'utf8')
    .then(JSON.parse, undefined)
    .catch((error: unknown) => {
      const why =
        error instanceof SyntaxError ? `it is not JSON (${error.message})` : String(error);
      throw new ConfigError(`AMBIT_RELEASES names ${file}, which cannot be read: ${why}.`);
    });
  const parsed = releaseCatalogueSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((i) => `  [${i.path.join('.')}] ${i.message}`);
  throw new ConfigError(
    `AMBIT_RELEASES names ${file}, which is not a release catalogue:\n${lines.join('\n')}`,
  );
}
