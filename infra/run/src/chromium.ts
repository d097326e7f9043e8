import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Problem } from '../bootstrap/problem.mjs';
import { say, step } from '../bootstrap/say.mjs';
import { lastLines, runProgram } from './run-program.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A Chromium of the system, if there is one. */
export function systemChromium(): string | undefined {
  const given = process.env['AMBIT_CHROMIUM'];
  if (given) return given;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin'];
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file));
}

/**
 * Finds a browser for the journeys: the system's, or one Playwright downloads, or (Debian, as root) from apt-get.
 * @returns its path, or undefined to use Playwright's own
 * @throws Problem when there is no way to one
 */
export async function ensureChromium(): Promise<string | undefined> {
  const found = systemChromium();
  if (found) return found;
  const { chromium } = await import('@playwright/test');
  if (existsSync(chromium.executablePath())) return undefined;
  const download = await step('downloading Chromium (playwright install)', () =>
    runProgram('npx', ['playwright', 'install', 'chromium']),
  );
  if (download.code === 0) return undefined;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Problem(
      `there is no Chromium, and Playwright could not download one:\n${lastLines(download.output, 5)}`,
      'Install Chromium with the package manager of this machine, or set AMBIT_CHROMIUM to its path.',
    );
  }
  say('  · the download is not possible here; taking Debian’s chromium instead');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', 'chromium'];
  await step('installing chromium (apt-get)', async () => {
    if ((await runProgram('apt-get', install, { env })).code === 0) return;
    await runProgram('apt-get', ['update'], { env });
    const { code, output } = await runProgram('apt-get', install, { env });
    if (code !== 0) {
      throw new Problem(
        `apt-get could not install chromium:\n${lastLines(output, 5)}`,
        'Install Chromium by hand, or set AMBIT_CHROMIUM to its path.',
      );
    }
  });
  return systemChromium();
}
