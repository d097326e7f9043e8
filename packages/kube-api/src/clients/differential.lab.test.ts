import { expect, test } from 'vitest';
import { differences } from '../../bench/differential.ts';
import { known, steps } from '../../bench/story.ts';
import { valueSteps } from '../../bench/story-values.ts';
import { findBinaries, startPeer } from '../../bench/subjects.ts';
import { clusterKinds } from '../kinds/native.ts';
import { meshKinds } from '../testing/crds.ts';
import { testServer } from '../testing/server.ts';

/** A folder with kube-apiserver and etcd. */
const folder = process.env['KUBE_API_PEER'] ?? '';

test(
  'the same requests get the same answers from a real kube-apiserver, but for the known differences',
  { timeout: 120_000 },
  async () => {
    const binaries = findBinaries(folder);
    const mesh = await meshKinds();
    if (binaries === undefined || mesh === undefined) {
      throw new Error(
        'KUBE_API_PEER names no folder with kube-apiserver and etcd, or the CRDs are missing',
      );
    }
    const peer = await startPeer(binaries);
    const ours = await testServer({ kinds: [...clusterKinds, ...mesh] });
    try {
      const subject = { name: 'ours', url: ours.url, stop: () => ours.close() };
      const found = await differences(subject, peer, [...steps, ...valueSteps]);
      const unexpected = found.filter(({ what }) => !Object.hasOwn(known, what));
      expect(unexpected).toEqual([]);
    } finally {
      await ours.close();
      await peer.stop();
    }
  },
);
