import type { LifecycleOperation, Step } from '@ambit/contracts/lifecycle';
import { expect, it } from 'vitest';
import {
  currentStep,
  operationName,
  elapsed,
  labelOf,
  logsByStep,
  nextSteps,
  operationSentence,
} from './progress.ts';

const step = (name: string, state: Step['state'], message = ''): Step => ({
  name,
  title: `Do ${name}`,
  state,
  message,
  startedAt: null,
  finishedAt: null,
});
const operation = (state: LifecycleOperation['state'], steps: Step[], message = '') =>
  ({ state, steps, message, reason: 'Because' }) as LifecycleOperation;

it('takes the running step before a failed one', () => {
  const steps = [
    step('a', 'failed'),
    step('b', 'running'),
    step('c', 'pending'),
    step('rollback', 'pending'),
  ];
  expect(currentStep({ steps })?.name).toBe('b');
  expect(nextSteps({ steps }).map((s) => s.name)).toEqual(['c']);
  expect(currentStep({ steps: [step('a', 'succeeded')] })).toBeNull();
});

it('says what is happening', () => {
  expect(operationSentence(operation('running', [step('apply', 'running', '12 of 44')]))).toBe(
    'Do apply: 12 of 44',
  );
  expect(operationSentence(operation('failed', [], 'istiod did not start.'))).toBe(
    'istiod did not start.',
  );
  expect(operationSentence(operation('succeeded', []))).toBe('Because');
});

it('measures what is finished and what is not', () => {
  const startedAt = '2026-11-02T10:00:00.000Z';
  const now = Date.parse('2026-11-02T10:02:05.000Z');
  expect(elapsed({ startedAt, finishedAt: '2026-11-02T10:00:07.000Z' }, now)).toBe('7 s');
  expect(elapsed({ startedAt, finishedAt: null }, now)).toBe('2 min 05 s');
  expect(elapsed({ startedAt: null, finishedAt: null }, now)).toBe('');
});

it('keeps the order of lines within a step', () => {
  const line = (id: number, s: string) =>
    ({ id, step: s, at: '', level: 'info', cluster: '', text: '' }) as const;
  const map = logsByStep([line(1, 'a'), line(2, 'b'), line(3, 'a')]);
  expect(map.get('a')?.map((l) => l.id)).toEqual([1, 3]);
});

it('makes labels of keys', () => {
  expect(labelOf('objectsApplied')).toBe('Objects applied');
  expect(labelOf('active_release')).toBe('Active release');
});

it('names the target once', () => {
  const name = (title: string) =>
    operationName({ title, target: { kind: 'mesh', id: 'msh_1', name: 'shop' } });
  expect(name('Create mesh')).toBe('Create mesh · shop');
  expect(name('Delete mesh shop')).toBe('Delete mesh shop');
});
