import { expect, it } from 'vitest';
import { proxyStatus, proxyTrouble } from './words.ts';

const well = {
  ready: true,
  inSync: true,
  sync: { cds: 'synced', ecds: 'notSent' },
  syncError: '',
  problem: '',
  istiod: 'istiod-1',
};

it.each([
  [{}, 'Ready', ''],
  [{ inSync: null, istiod: null }, 'Unknown', ''],
  [
    { inSync: false, sync: { cds: 'synced', rds: 'stale', lds: 'stale' } },
    'Degraded',
    'it does not run the newest configuration of rds, lds',
  ],
  [{ inSync: false, istiod: '', sync: {} }, 'Degraded', 'no istiod knows it'],
  [
    { inSync: false, sync: { lds: 'error' }, syncError: 'bad filter' },
    'Failed',
    'it refused its configuration: bad filter',
  ],
  [{ ready: false, inSync: null }, 'Progressing', 'it is not ready'],
  [{ problem: 'no answer' }, 'Ready', 'its metrics cannot be read: no answer'],
])('a proxy that is %j is %s', (more, status, trouble) => {
  expect(proxyStatus({ ...well, ...more })).toBe(status);
  expect(proxyTrouble({ ...well, ...more })).toBe(trouble);
});
