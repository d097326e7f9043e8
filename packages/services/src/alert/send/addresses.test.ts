import { describe, expect, it } from 'vitest';
import { addressGuard } from './addresses.ts';
import { outcomeOf, pauseAfter } from './outcome.ts';
import { signatureOf } from './webhook.ts';

const guard = addressGuard();

describe('an address that may not be called', () => {
  it.each([
    '127.0.0.1',
    '127.8.9.10',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    'not-an-address',
  ])('%s', (address) => {
    expect(guard.refusal(address)).toBeTypeOf('string');
  });
});

it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '192.169.0.1'])(
  '%s may be called',
  (address) => {
    expect(guard.refusal(address)).toBeUndefined();
  },
);

it('what the operator allows is called, and nothing beside it', () => {
  const open = addressGuard(['10.1.0.0/16', '127.0.0.1', 'fd00::/8']);
  expect(open.refusal('10.1.255.1')).toBeUndefined();
  expect(open.refusal('127.0.0.1')).toBeUndefined();
  expect(open.refusal('fd12::1')).toBeUndefined();
  expect(open.refusal('10.2.0.1')).toBeDefined();
  expect(open.refusal('127.0.0.2')).toBeDefined();
});

it.each(['localhost', '[::1]', '127.0.0.1'])(
  'the host %s is refused with what to do',
  async (host) => {
    await expect(guard.resolve(host)).rejects.toMatchObject({
      code: 'unprocessable',
      fix: expect.stringContaining('AMBIT_ALERT_ALLOW'),
    });
  },
);

it('names that numbers hide in lead nowhere: URL makes them addresses first', async () => {
  for (const url of ['http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/']) {
    await expect(guard.resolve(new URL(url).hostname)).rejects.toMatchObject({
      code: 'unprocessable',
    });
  }
});

it('a signature is the one of the example of Standard Webhooks', () => {
  // standard-webhooks/spec, "Verifying webhooks": secret, id, timestamp and body of its libraries' tests.
  const signature = signatureOf(
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
  );
  expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

describe('an attempt', () => {
  it.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [302, 'refused'],
    [400, 'refused'],
    [404, 'refused'],
    [408, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ])('answered %i is %s', (status, outcome) => {
    expect(outcomeOf({ status })).toBe(outcome);
  });

  it('that failed is repeated with growing pauses for three days, one that was refused eight times', () => {
    const pauses = Array.from({ length: 12 }, (_, i) => pauseAfter('failed', i + 1, 0, null, 0.5)!);
    expect(pauses.slice(0, 3)).toEqual([5_000, 15_000, 45_000]);
    expect(pauses.every((pause, i) => i === 0 || pause >= pauses[i - 1]!)).toBe(true);
    expect(pauses.at(-1)).toBe(1_800_000);
    expect(pauseAfter('failed', 100, 73 * 3_600_000, null, 0.5)).toBeNull();
    expect(pauseAfter('refused', 7, 0, null, 0.5)).not.toBeNull();
    expect(pauseAfter('refused', 8, 0, null, 0.5)).toBeNull();
  });

  it('waits as long as the receiver asks, within an hour', () => {
    expect(pauseAfter('failed', 1, 0, 120, 0.5)).toBe(120_000);
    expect(pauseAfter('failed', 1, 0, 1e9, 0.5)).toBe(3_600_000);
    expect(pauseAfter('failed', 1, 0, -5, 0.5)).toBe(5_000);
  });
});
