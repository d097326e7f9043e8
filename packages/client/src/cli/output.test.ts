import { expect, it } from 'vitest';
import { format } from './output.ts';

it('shows a list of the domain by its columns', () => {
  const items = [{ id: 'pol_1', updatedAt: 'now', author: 'ada', version: 2 }].map((row) => ({
    kind: 'Gateway',
    namespace: 'shop',
    name: 'main',
    ...row,
  }));
  expect(format({ items }, 'table', 'policy').split('\n').slice(0, 2)).toEqual([
    'KIND     NAMESPACE  NAME  VERSION  AUTHOR  UPDATED AT  ID',
    'Gateway  shop       main  2        ada     now         pol_1',
  ]);
});

it('shows another list of the domain by its own fields', () => {
  const items = [{ at: 'now', step: 'apply', level: 'info', cluster: 'eu', text: 'all applied' }];
  expect(format({ items }, 'table', 'operation').split('\n').slice(0, 2)).toEqual([
    'AT   STEP   LEVEL  CLUSTER  TEXT',
    'now  apply  info   eu       all applied',
  ]);
});

it('shows what a change did to each thing, and the warnings with it', () => {
  const policy = { kind: 'Gateway', namespace: 'shop', name: 'main', version: 1 };
  const row = {
    change: 'created',
    policy: { ...policy, author: 'ada', updatedAt: 'now', id: '1' },
  };
  const warnings = [{ path: 'spec', message: 'mind this', line: 3 }];
  const lines = format({ items: [row], warnings, findings: [] }, 'table', 'policy').split('\n');
  expect(lines[1]).toMatch(/^Gateway +shop +main +1 +ada +now +1 +created$/);
  expect(lines.slice(3)).toEqual([
    'warnings:',
    '  PATH  MESSAGE    LINE',
    '  spec  mind this  3',
    '',
  ]);
});
