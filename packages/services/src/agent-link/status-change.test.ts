import { describe, expect, it } from 'vitest';
import type { StatusReport } from '@ambit/contracts/agent/protocol';
import { statusChange } from './status-change.ts';
import { isNewer } from './status.ts';

const report = (more: Partial<StatusReport> = {}): StatusReport => ({
  bootId: 'a',
  startedAt: '2026-11-24T12:00:00.000Z',
  seq: 4,
  generation: 2,
  agent: { version: '0.1.0', pod: 'p', namespace: 'ambit-system' },
  cluster: { kubernetesVersion: 'v1.34.4', nodes: [], foreignIstio: [], gatewayApi: null },
  bundles: [
    {
      name: 'mesh',
      digest: 'sha256:0',
      state: 'Ready',
      phase: null,
      objects: { total: 4, applied: 4, ready: 4 },
      message: '',
      errors: [],
      drift: [],
      since: '2026-11-24T12:00:00.000Z',
    },
  ],
  actions: [],
  conditions: [],
  logs: [],
  ...more,
});
const bundle = report().bundles[0]!;

describe('what changed between two reports', () => {
  it.each([
    [
      'a heartbeat is no change',
      report({ seq: 5 }),
      { visible: false, bundles: false, actions: false },
    ],
    [
      'counters alone are no change',
      report({ bundles: [{ ...bundle, objects: { total: 4, applied: 4, ready: 3 } }] }),
      { visible: false, bundles: false, actions: false },
    ],
    [
      'a bundle state is',
      report({ bundles: [{ ...bundle, state: 'Degraded' }] }),
      { visible: true, bundles: true, actions: false },
    ],
    [
      'a node that is not ready is, for people only',
      report({
        cluster: {
          ...report().cluster,
          nodes: [{ name: 'n', ready: false, version: 'v1', os: 'linux', arch: 'amd64' }],
        },
      }),
      { visible: true, bundles: false, actions: false },
    ],
  ])('%s', (_name, after, expected) => {
    expect(statusChange(report(), after)).toEqual(expected);
  });
});

describe('which report is newer', () => {
  const before = {
    reportStartedAt: new Date('2026-11-24T12:00:00.000Z'),
    reportBootId: 'a',
    reportSeq: 4,
  };
  it.each([
    [
      'the first ever',
      report(),
      { reportStartedAt: null, reportBootId: null, reportSeq: -1 },
      true,
    ],
    ['the next one', report({ seq: 5 }), before, true],
    ['the same one again', report(), before, false],
    ['an older one', report({ seq: 3 }), before, false],
    [
      'a later start',
      report({ startedAt: '2026-11-24T12:00:01.000Z', bootId: 'b', seq: 0 }),
      before,
      true,
    ],
    [
      'an earlier start, whatever its seq',
      report({ startedAt: '2026-11-24T11:59:59.000Z', seq: 99 }),
      before,
      false,
    ],
    ['another boot of the same millisecond', report({ bootId: 'b', seq: 99 }), before, false],
  ])('%s', (_name, after, stored, expected) => {
    expect(isNewer(after, stored)).toBe(expected);
  });
});
