// Builds the peer alone, for the differential test of packages/analysis: `node infra/bench/src/analysis/build-peer.ts`.
import { ensurePeer } from './peer.ts';

process.stdout.write(`${await ensurePeer((line) => process.stderr.write(`${line}\n`))}\n`);
