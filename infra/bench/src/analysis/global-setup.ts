import { ensurePeer } from './peer.ts';

/** Builds the program that asks Istio's analysis library, when the cache does not have it. */
export default async function setup(): Promise<void> {
  await ensurePeer((line) => process.stderr.write(`${line}\n`));
}
