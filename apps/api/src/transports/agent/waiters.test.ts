import { describe, expect, it } from 'vitest';
import { makePace } from './pace.ts';
import { desiredWaiters } from './waiters.ts';

function setUp() {
  let notify: (payload: string | null) => void = () => {};
  const stopping = new AbortController();
  const waiters = desiredWaiters(
    {
      on: (_channel, handler) => {
        notify = handler;
        return () => {};
      },
    },
    stopping.signal,
  );
  const never = new AbortController().signal;
  return { waiters, stopping, never, notify: (payload: string | null) => notify(payload) };
}

describe('agents that wait', () => {
  it('are woken by a change of their own cluster only, all copies of it', async () => {
    const { waiters, never, notify, stopping } = setUp();
    const own = [1, 2].map(() => waiters.wait('a', 60_000, never));
    const other = waiters.wait('b', 60_000, never);
    notify('a');
    expect(await Promise.all(own)).toEqual(['woken', 'woken']);
    expect(waiters.count()).toBe(1);
    stopping.abort();
    expect(await other).toBe('over');
  });

  it('are all woken when notifications may have been missed', async () => {
    const { waiters, never, notify } = setUp();
    const all = ['a', 'b', 'c'].map((id) => waiters.wait(id, 60_000, never));
    notify(null);
    expect(new Set(await Promise.all(all))).toEqual(new Set(['woken']));
  });

  it('end with their time, their connection, and the process, and leave nothing behind', async () => {
    const { waiters, never, stopping } = setUp();
    const gone = new AbortController();
    const many = Array.from({ length: 1000 }, (_, i) => waiters.wait(`c${i}`, 60_000, never));
    const left = waiters.wait('left', 60_000, gone.signal);
    expect(await waiters.wait('short', 1, never)).toBe('over');
    expect(waiters.count()).toBe(1001);
    gone.abort();
    expect(await left).toBe('over');
    stopping.abort();
    expect(new Set(await Promise.all(many))).toEqual(new Set(['over']));
    expect(waiters.count()).toBe(0);
    expect(await waiters.wait('late', 60_000, never)).toBe('over');
  });
});

describe('the pace of a cluster', () => {
  it('refuses the flood of one cluster until its window is over, and no other', () => {
    let now = 0;
    const pace = makePace(() => now);
    const refused = Array.from({ length: 30 }, () => pace.refusedForMs('loud'));
    expect(refused.findIndex((ms) => ms > 0)).toBe(25);
    expect(pace.refusedForMs('quiet')).toBe(0);
    now = 5_000;
    expect(pace.refusedForMs('loud')).toBe(0);
  });

  it('asks for fewer reports while many are taken at once, and not after', async () => {
    const pace = makePace();
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const running = Array.from({ length: 40 }, () => pace.counted(() => gate));
    open();
    const asked = (await Promise.all(running)).map(({ slowMs }) => slowMs);
    expect([asked[0], asked[39]]).toEqual([undefined, expect.any(Number)]);
    expect((await pace.counted(async () => 1)).slowMs).toBeUndefined();
  });
});
