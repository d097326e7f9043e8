import { readAccessLine } from '@ambit/telemetry/access-log/line';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskSecrets } from './mask.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';

interface Asked {
  path?: string;
  userAgent?: string;
  failure?: string;
  extra?: Record<string, string>;
}

/** Order and quotes as istio.io, "Envoy Access Logs", says of the default format. */
const textLine = ({ path = '/pay', userAgent = 'curl/8.9', failure = '-' }: Asked) =>
  `[2026-11-25T07:00:00.000Z] "POST ${path} HTTP/2" 503 UF upstream_reset_before_response_started{connection_failure} - "${failure}" 12 91 3 - "10.9.8.7" "${userAgent}" "f3a1c2d4-0000-4000-8000-5e6f7a8b9c0d" "pay.shop:8080" "10.2.0.7:8080" outbound|8080|v2|pay.shop.svc.cluster.local 10.2.0.3:41000 10.96.7.7:8080 10.2.0.3:52000 outbound_.8080_.v2_.pay.shop.svc.cluster.local default`;

/** Fields as istio.io, "Envoy Access Logs", names them for the encoding JSON. */
const jsonLine = ({ path = '/pay', userAgent = 'curl/8.9', failure = '-', extra = {} }: Asked) =>
  JSON.stringify({
    start_time: '2026-11-25T07:00:00.000Z',
    method: 'POST',
    path,
    protocol: 'HTTP/2',
    response_code: 503,
    response_flags: 'UF',
    response_code_details: 'upstream_reset_before_response_started{connection_failure}',
    connection_termination_details: null,
    upstream_transport_failure_reason: failure,
    bytes_received: 12,
    bytes_sent: 91,
    duration: 3,
    upstream_service_time: null,
    x_forwarded_for: '10.9.8.7',
    user_agent: userAgent,
    request_id: 'f3a1c2d4-0000-4000-8000-5e6f7a8b9c0d',
    authority: 'pay.shop:8080',
    upstream_host: '10.2.0.7:8080',
    upstream_cluster: 'outbound|8080|v2|pay.shop.svc.cluster.local',
    upstream_local_address: '10.2.0.3:41000',
    downstream_local_address: '10.96.7.7:8080',
    downstream_remote_address: '10.2.0.3:52000',
    requested_server_name: null,
    route_name: 'default',
    ...extra,
  });

describe('a line of a log', () => {
  it.each([
    [
      'a query',
      'GET /cart?user=ann&card=4111 HTTP/1.1',
      ['ann', '4111'],
      'GET /cart?user=***&card=*** HTTP/1.1',
    ],
    ['a bearer token', `authorization: Bearer ${jwt}`, [jwt], null],
    ['a token alone', `denied ${jwt} of x`, [jwt], 'denied *** of x'],
    ['basic credentials', 'Authorization: Basic YW5uOnNlY3JldA==', ['YW5uOnNlY3JldA=='], null],
    ['a cookie', 'cookie: session=abc; theme=dark', ['abc', 'dark'], null],
    [
      'a cookie in JSON',
      '{"cookie":"session=abc; a=b","path":"/x"}',
      ['abc'],
      '{"cookie":"***","path":"/x"}',
    ],
    [
      'a password in an address',
      'dial postgres://ann:secret@db:5432/x',
      ['ann', 'secret'],
      'dial postgres://***@db:5432/x',
    ],
    [
      'a field named so',
      '{"access_token":"abc123","code":200}',
      ['abc123'],
      '{"access_token":"***","code":200}',
    ],
    ['key=value', 'login password=hunter2 ok', ['hunter2'], 'login password=*** ok'],
    ['a client certificate', 'x-forwarded-client-cert: Hash=abcdef;Subject="x"', ['abcdef'], null],
  ])('does not tell %s', (_what, line, secrets, expected) => {
    const masked = maskSecrets(line);
    for (const secret of secrets) expect(masked).not.toContain(secret);
    if (expected !== null) expect(masked).toBe(expected);
  });

  it('is left as it is when it holds no secret', () => {
    const line =
      '[2026-11-25T07:00:00.000Z] "GET /shop/item HTTP/1.1" 503 UF via_upstream - "-" 0 19 3 - "-" "curl/8" "id" "web:80" "10.2.0.1:80" outbound|80||web.shop.svc.cluster.local';
    expect(maskSecrets(line)).toBe(line);
  });

  describe.each([
    ['the text that Istio has Envoy write', textLine],
    ['the JSON that Istio has Envoy write', jsonLine],
  ])('in %s', (_format, write) => {
    it.each([
      ['a query', { path: '/pay?card=4111111111111111&cvc=737#x' }, ['4111111111111111', '737']],
      ['a query without end', { path: '/?q=%22hunter2%22' }, ['hunter2']],
      ['a token in a path', { path: `/reset/${jwt}/now` }, [jwt]],
      ['a password of an absolute address', { path: 'http://ann:hunter2@cart/x' }, ['hunter2']],
      ['a token as user agent', { userAgent: `Bearer ${jwt}` }, [jwt]],
      ['basic credentials as user agent', { userAgent: 'Basic YW5uOmh1bnRlcjI=' }, ['YW5u']],
      ['a password in why a connection failed', { failure: 'password=hunter2' }, ['hunter2']],
    ])('does not tell %s, and says the same of the request', (_what, more, secrets) => {
      const line = write(more);
      const masked = maskSecrets(line);
      for (const secret of secrets) {
        expect(line).toContain(secret);
        expect(masked).not.toContain(secret);
      }
      const read = readAccessLine(line);
      expect(read).toMatchObject({ code: '503', flags: 'UF', answeredBy: '10.2.0.7' });
      expect(readAccessLine(masked)).toEqual(read);
    });

    it('leaves a line alone that holds no secret', () => {
      for (const line of [write({}), write({ path: '/token/secret' }), write({ userAgent: '-' })]) {
        expect(maskSecrets(line)).toBe(line);
      }
    });

    it('never tells a value of a query, and says the same of the request', () => {
      fc.assert(
        fc.property(fc.stringMatching(/^[A-Za-z0-9_%.;:@/+-]{8,40}$/), (value) => {
          const line = write({ path: `/a?b=${value}` });
          const masked = maskSecrets(line);
          expect(masked).not.toContain(value);
          expect(readAccessLine(masked)).toEqual(readAccessLine(line));
        }),
      );
    });
  });

  it('keeps the quotes of a field in JSON, so that it stays JSON', () => {
    const line = jsonLine({
      extra: { cookie: 'session="a b"; x', authorization: 'Bearer abcdef' },
    });
    const masked = maskSecrets(line);
    expect(masked).not.toMatch(/session|abcdef/);
    expect(JSON.parse(masked)).toMatchObject({ cookie: '***', response_code: 503 });
  });

  it('never takes long, whatever it holds', () => {
    for (const part of ['a', 'a-', '?a', 'token', 'cookie:"', 'x://', 'eyJ', '=', '"\\']) {
      const began = process.cpuUsage();
      maskSecrets(part.repeat(Math.ceil(8_000 / part.length)));
      expect(process.cpuUsage(began).user / 1_000, part).toBeLessThan(15_000);
    }
  });

  it('never tells a value of a query, whatever it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{8,40}$/), (value) => {
        expect(maskSecrets(`"GET /a?b=${value} HTTP/1.1" 200`)).not.toContain(`=${value}`);
      }),
    );
  });
});
