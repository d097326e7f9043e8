import { describe, expect, it } from 'vitest';
import { clusterConditions, clusterState, type ClusterFacts } from './state.ts';

const now = new Date('2026-11-24T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const facts = (more: Partial<ClusterFacts> = {}): ClusterFacts => ({
  createdAt: ago(7200),
  registeredAt: ago(3600),
  revokedAt: null,
  lastSeenAt: ago(5),
  joinTokenExpiresAt: null,
  report: null,
  generation: 3,
  ...more,
});

describe('the state of a cluster', () => {
  it.each([
    [
      'waiting',
      'no agent registered',
      facts({ registeredAt: null, lastSeenAt: null }),
      'WaitingForAgent',
    ],
    [
      'waiting',
      'its token expired',
      facts({ registeredAt: null, lastSeenAt: null, joinTokenExpiresAt: ago(1) }),
      'JoinTokenExpired',
    ],
    ['connected', 'heard of lately', facts(), 'Reporting'],
    ['connected', 'exactly 90 s ago', facts({ lastSeenAt: ago(90) }), 'Reporting'],
    [
      'connected',
      'registered just now, no report yet',
      facts({ registeredAt: ago(2), lastSeenAt: null }),
      'Reporting',
    ],
    ['stale', 'more than 90 s ago', facts({ lastSeenAt: ago(91) }), 'NotHeardOf'],
    ['stale', 'registered and never reported', facts({ lastSeenAt: null }), 'NotHeardOf'],
    ['gone', 'revoked, though it was heard of', facts({ revokedAt: ago(1) }), 'CredentialRevoked'],
    [
      'gone',
      'revoked before any agent came',
      facts({ registeredAt: null, revokedAt: ago(1) }),
      'CredentialRevoked',
    ],
  ] as const)('is %s: %s', (state, _why, given, reason) => {
    expect(clusterState(given, now)).toBe(state);
    expect(clusterConditions(given, now)[0]).toMatchObject({ type: 'AgentConnected', reason });
  });

  it('tells of an Istio that Ambit did not install', () => {
    const report = {
      generation: 3,
      conditions: [],
      cluster: {
        kubernetesVersion: 'v1.34.4',
        nodes: [],
        gatewayApi: null,
        foreignIstio: [
          { namespace: 'istio-system', name: 'istiod', version: '1.28.1', managedBy: 'Helm' },
        ],
      },
    };
    const conditions = clusterConditions(facts({ report }), now);
    expect(conditions.find(({ type }) => type === 'NoForeignIstio')).toMatchObject({
      status: 'False',
      reason: 'ForeignIstioFound',
      message: expect.stringContaining('1.28.1'),
    });
  });
});
