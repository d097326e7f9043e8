import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureComponent } from '../build/build.ts';
import { prometheus } from '../build/components.ts';
import type { CachePaths } from '../paths.ts';
import { imageHub, prometheusVersion } from '../versions.ts';
import { writeImages } from './archive.ts';
import { baseEntries, programEntry } from './entries.ts';

export const prometheusImage = `${imageHub}/prometheus:${prometheusVersion}`;

/** Writes the image of a Prometheus as a docker-archive, and gives its path; it is built when it was not before. Throws LabError. */
export async function buildPrometheusImage(cache: CachePaths, intoFolder: string): Promise<string> {
  const binaries = await ensureComponent(cache, prometheus);
  mkdirSync(intoFolder, { recursive: true });
  const file = join(intoFolder, 'prometheus.tar');
  await writeImages(
    [
      {
        name: prometheusImage,
        layers: [
          baseEntries(),
          [programEntry(join(binaries, 'prometheus'), 'usr/local/bin/prometheus')],
        ],
        entrypoint: ['prometheus'],
        user: '65532',
      },
    ],
    file,
  );
  return file;
}
