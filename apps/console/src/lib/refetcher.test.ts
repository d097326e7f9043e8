import type { ChangeEvent } from '@ambit/contracts/events';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, it } from 'vitest';
import { makeRefetcher } from './refetcher.ts';

const queryKey = [['operation', 'get'], { input: { operationId: 'opr_1' } }];
const event: ChangeEvent = {
  id: '1.1.1',
  topic: 'operation',
  resourceId: 'opr_1',
  parentId: null,
  change: 'updated',
  at: '2026-01-01T00:00:00.000Z',
};

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A page that shows an operation: each fetch reads what is true when it begins and answers when it is let go. */
function page() {
  const client = new QueryClient();
  const answers: (() => void)[] = [];
  const platform = { state: 'Pending' };
  const observer = new QueryObserver(client, {
    queryKey,
    queryFn: () => {
      const read = platform.state;
      return new Promise<string>((resolve) => answers.push(() => resolve(read)));
    },
  });
  ends.push(observer.subscribe(() => {}));
  const refetcher = makeRefetcher(client);
  ends.push(refetcher.stop);
  return { answers, platform, refetcher, shown: () => observer.getCurrentResult().data };
}

it('shows what an event told while an older answer was on its way', async () => {
  const { answers, platform, refetcher, shown } = page();
  answers[0]!();
  await expect.poll(shown).toBe('Pending');
  platform.state = 'Running';
  refetcher.event(event);
  await expect.poll(() => answers.length).toBe(2);
  platform.state = 'Succeeded';
  refetcher.event(event);
  answers[1]!();
  await expect.poll(() => answers.length).toBe(3);
  answers[2]!();
  await expect.poll(shown).toBe('Succeeded');
});

it('fetches again when an event comes during the very first fetch', async () => {
  const { answers, platform, refetcher, shown } = page();
  platform.state = 'Succeeded';
  refetcher.event(event);
  // Answered after the round began.
  setTimeout(answers[0]!, 250);
  await expect.poll(() => answers.length).toBe(2);
  answers[1]!();
  await expect.poll(shown).toBe('Succeeded');
});

it('fetches all that is on screen after a gap', async () => {
  const { answers, platform, refetcher, shown } = page();
  answers[0]!();
  await expect.poll(shown).toBe('Pending');
  platform.state = 'Succeeded';
  refetcher.gap();
  await expect.poll(() => answers.length).toBe(2);
  answers[1]!();
  await expect.poll(shown).toBe('Succeeded');
});

it('lets a slow answer arrive however many events come meanwhile', async () => {
  const { answers, platform, refetcher, shown } = page();
  answers[0]!();
  await expect.poll(shown).toBe('Pending');
  platform.state = 'Running';
  refetcher.event(event);
  await expect.poll(() => answers.length).toBe(2);
  for (let i = 0; i < 100; i++) refetcher.event(event);
  answers[1]!();
  await expect.poll(shown).toBe('Running');
  await expect.poll(() => answers.length).toBe(3);
});
