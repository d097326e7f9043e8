import { expect, it } from 'vitest';
import { enrolConsequences } from './enrol-consequences.ts';
import type { NamespaceRow } from './namespaces.ts';

const row = (pods: number[]) => ({
  namespace: 'shop',
  pods: pods.reduce((a, b) => a + b, 0),
  workloads: pods.map((n) => ({ pods: n })) as NamespaceRow['workloads'],
});
const mesh = (mtls: 'PERMISSIVE' | 'STRICT') => ({ options: { mtls } });

it('warns of single pods only when they restart', () => {
  const restart = enrolConsequences({
    row: row([1, 3]),
    mesh: mesh('PERMISSIVE'),
    mode: 'sidecar',
    restart: true,
  });
  expect(restart.join(' ')).toContain('2 workloads with 4 pods restart');
  expect(restart.join(' ')).toContain('1 workload with a single pod');
  const later = enrolConsequences({
    row: row([1]),
    mesh: mesh('PERMISSIVE'),
    mode: 'sidecar',
    restart: false,
  });
  expect(later).toHaveLength(1);
});

it('tells what STRICT means on the way in and on the way out', () => {
  const say = (mode: 'none' | 'L4') =>
    enrolConsequences({ row: row([]), mesh: mesh('STRICT'), mode, restart: false }).join(' ');
  expect(say('L4')).toContain('callers outside the mesh');
  expect(say('none')).toContain('will refuse what these send');
});
