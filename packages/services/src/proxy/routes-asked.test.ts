import { expect, it } from 'vitest';
import { patternOf, routesAsked } from './routes-asked.ts';

const line = (method: string, path: string, code: number, flags = '-', durationMs = 3) =>
  `[2026-11-25T07:00:00.000Z] "${method} ${path} HTTP/1.1" ${code} ${flags} via_upstream - "-" 0 19 ${durationMs} 2 "-" "curl/8" "id" "pay:8080" "10.2.0.7:8080" outbound|8080||pay.shop.svc.cluster.local 10.2.0.3:41000 10.96.7.7:8080 10.2.0.3:52000 - default`;
const at = (text: string, second: number) => ({
  at: `2026-11-25T07:00:${String(second).padStart(2, '0')}.000Z`,
  text,
});

it('routes are told by what fails most, with why, over both formats of access logs', () => {
  const json = JSON.stringify({
    method: 'POST',
    path: '/pay/42?card=***',
    protocol: 'HTTP/2',
    response_code: 0,
    response_flags: 'DC',
    duration: 900,
    authority: 'pay:8080',
    upstream_cluster: 'outbound|8080||pay.shop.svc.cluster.local',
  });
  const lines = [
    'info: Envoy proxy is ready',
    line('GET', '/health', 200),
    line('POST', '/pay/1', 503, 'UF'),
    line('POST', '/pay/2', 200, '-', 41),
    line('POST', '/pay/3', 503, 'UF'),
    json,
    line('GET', '/health', 404, 'NR'),
  ].map(at);
  expect(routesAsked(lines, 10)).toEqual({
    requests: 6,
    failed: 4,
    from: lines[1]!.at,
    routes: [
      {
        method: 'POST',
        path: '/pay/*',
        host: 'pay.shop.svc.cluster.local:8080',
        direction: 'outbound',
        requests: 4,
        failed: 3,
        failures: [
          { code: '503', flags: 'UF', count: 2 },
          { code: '0', flags: 'DC', count: 1 },
        ],
        slowestMs: 900,
        lastAt: lines[5]!.at,
      },
      expect.objectContaining({ path: '/health', requests: 2, failed: 1 }),
    ],
  });
  expect(routesAsked(lines, 1).routes).toHaveLength(1);
});

it('a client that asks for ever new paths makes no endless list, and no line breaks it', () => {
  const many = Array.from({ length: 3_000 }, (_, n) =>
    at(line('GET', `/p${'x'.repeat(n % 50)}/q${n}a`, 200), 1),
  );
  const { requests, routes } = routesAsked(many, 5_000);
  expect(requests).toBe(3_000);
  expect(routes).toHaveLength(1_000);
  for (const text of [
    '',
    '{',
    '{"protocol":"HTTP/1.1","response_code":200}',
    '"'.repeat(5_000),
    '[a] "GET',
  ]) {
    expect(routesAsked([at(text, 1)], 5)).toMatchObject({ routes: [] });
  }
});

it.each([
  ['/', '/'],
  ['/shop/item?id=4', '/shop/item'],
  ['/orders/4711/lines/3', '/orders/*/lines/*'],
  ['/u/0b1d9f1e-6c1e-4a51-9b8e-0d6f3f1f8a11', '/u/*'],
  ['/t/abcDEF0123456789abcDEF01', '/t/*'],
  ['/reset/***/now', '/reset/*/now'],
  ['http://pay/v2/charge#x', '/v2/charge'],
  ['/a/b/c/d/e/f/g/h/i/j/k/l/m', '/a/b/c/d/e/f/g/h/i/j/k/…'],
])('%s is of the route %s', (path, pattern) => {
  expect(patternOf(path)).toBe(pattern);
});
