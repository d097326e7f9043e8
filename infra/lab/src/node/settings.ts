import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTcpAddress } from '../forward-spec.ts';
import type { LabPaths } from '../paths.ts';

/** What a lab keeps about itself while it exists. */
export type Settings = { apiPort: number; node: string; imageStore: string; ztunnel: boolean };

export function readSettings(lab: LabPaths): Settings | undefined {
  if (!existsSync(lab.settings)) return undefined;
  return JSON.parse(readFileSync(lab.settings, 'utf8')) as Settings;
}

export function writeSettings(lab: LabPaths, settings: Settings): void {
  writeFileSync(lab.settings, `${JSON.stringify(settings, null, 2)}\n`);
}

/** The file that holds the platform's address; the forwarder reads it for every connection. */
export const platformFile = (lab: LabPaths): string => join(lab.state, 'platform');

/** Where pods reach the platform: AMBIT_LAB_PLATFORM, else 127.0.0.1:AMBIT_PORT, else 127.0.0.1:4600. */
export function platformAddress(env: Record<string, string | undefined> = process.env): string {
  const address = env['AMBIT_LAB_PLATFORM'] || `127.0.0.1:${env['AMBIT_PORT'] || 4600}`;
  parseTcpAddress(address);
  return address;
}

/** Points the lab's pods at another platform, from the next connection on. Throws LabError on a bad address. */
export function setPlatform(lab: LabPaths, address: string): void {
  parseTcpAddress(address);
  writeFileSync(platformFile(lab), `${address}\n`);
}
