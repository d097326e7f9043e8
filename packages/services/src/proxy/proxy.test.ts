import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';
import { describe, expect, it } from 'vitest';
import { differencesOf } from './config.ts';
import { entriesOf } from './entries.ts';
import { isInSync } from './in-sync.ts';

const admin = 'type.googleapis.com/envoy.admin.v3.';
const dump = {
  configs: [
    {
      '@type': `${admin}ClustersConfigDump`,
      static_clusters: [{ cluster: { name: 'xds', type: 'STATIC' }, last_updated: '2026' }],
      dynamic_active_clusters: [
        { version_info: '7', cluster: { name: 'outbound|80||b', type: 'EDS' } },
        { version_info: '7', cluster: { name: 'outbound|80||a', type: 'EDS' } },
      ],
    },
    {
      '@type': `${admin}ListenersConfigDump`,
      dynamic_listeners: [
        {
          name: 'virtualInbound',
          active_state: {
            version_info: '7',
            listener: {
              name: 'virtualInbound',
              address: { socket_address: { address: '0.0.0.0', port_value: 15_006 } },
              filter_chains: [{}, {}],
            },
          },
          error_state: { details: 'unknown filter' },
        },
        { name: 'never', error_state: { details: 'bad from the start' } },
      ],
    },
    {
      '@type': `${admin}SecretsConfigDump`,
      dynamic_active_secrets: [
        {
          name: 'default',
          secret: {
            name: 'default',
            tls_certificate: {
              certificate_chain: { inline_bytes: 'Y2VydA==' },
              private_key: { inline_bytes: 'c2VjcmV0' },
            },
          },
        },
      ],
    },
  ],
};

describe('the configuration of a proxy', () => {
  it('is entries by name, without what differs between proxies that have the same', () => {
    expect(entriesOf('clusters', dump)).toEqual([
      { name: 'outbound|80||a', summary: 'EDS', config: { name: 'outbound|80||a', type: 'EDS' } },
      { name: 'outbound|80||b', summary: 'EDS', config: { name: 'outbound|80||b', type: 'EDS' } },
      { name: 'xds', summary: 'STATIC', config: { name: 'xds', type: 'STATIC' } },
    ]);
  });
  it('says of a listener where it listens, and that the newer one was refused', () => {
    const [never, inbound] = entriesOf('listeners', dump);
    expect(inbound!.summary).toBe('0.0.0.0:15006, 2 filter chains; refused: unknown filter');
    expect(never).toMatchObject({ name: 'never' });
    expect(never!.summary).toContain('refused: bad from the start');
  });
  it('holds no key', () => {
    expect(JSON.stringify(entriesOf('secrets', dump))).not.toContain('c2VjcmV0');
  });
  it('of another form is empty', () => {
    for (const odd of [null, [], 'x', { configs: 'x' }, { configs: [null, { clusters: 1 }] }]) {
      expect(entriesOf('routes', odd)).toEqual([]);
      expect(entriesOf('ztunnel', odd)).toEqual([]);
    }
  });
  it('is compared by name and content', () => {
    const entry = (name: string, config: unknown) => ({ name, summary: '', config });
    expect(
      differencesOf(
        [entry('a', 1), entry('b', { x: [1] }), entry('c', 1)],
        [entry('b', { x: [2] }), entry('c', 1), entry('d', 1)],
      ),
    ).toEqual([
      { name: 'a', change: 'onlyHere' },
      { name: 'b', change: 'differs' },
      { name: 'd', change: 'onlyThere' },
    ]);
  });
});

describe('a proxy is in sync', () => {
  const proxy = (more: Partial<ReportedProxy>): ReportedProxy => ({
    namespace: 'n',
    pod: 'p',
    workload: 'w',
    node: 'x',
    kind: 'sidecar',
    version: '1',
    ready: true,
    problem: '',
    scrapedAt: null,
    istiod: 'istiod-1',
    sync: {},
    syncError: '',
    ...more,
  });
  it.each([
    ['when all that was sent was taken', { sync: { cds: 'synced', rds: 'notSent' } }, true],
    ['not when something was not taken', { sync: { cds: 'synced', lds: 'stale' } }, false],
    ['not when it refused something', { sync: { lds: 'error' } }, false],
    ['not when no istiod knows it', { istiod: '' }, false],
    ['or nobody can say while it comes up', { istiod: '', ready: false }, null],
    ['or nobody can say when istiod cannot be asked', { istiod: null }, null],
  ] as const)('%s', (_what, more, expected) => {
    expect(isInSync(proxy(more))).toBe(expected);
  });
});
