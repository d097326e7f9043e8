import { gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { packed } from './packed.ts';

const large = { rows: Array.from({ length: 5_000 }, (_, at) => `row ${at}`) };
const app = new Hono()
  .use(packed)
  .get('/large', (c) => c.json(large, 200, { etag: '"1"' }))
  .get('/small', (c) => c.json({ a: 1 }))
  .get('/text', (c) => c.text('x'.repeat(100_000)));

const ask = (path: string, encoding: string) =>
  app.request(path, { headers: { 'accept-encoding': encoding } });

it('packs what is large and JSON, for who takes it', async () => {
  const answer = await ask('/large', 'br, gzip');
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  expect(answer.headers.get('etag')).toBe('"1"');
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(JSON.parse(gunzipSync(bytes).toString())).toEqual(large);
});

it.each([
  ['/large', 'identity'],
  ['/small', 'gzip'],
  ['/text', 'gzip'],
])('leaves %s for %s as it is', async (path, encoding) => {
  const answer = await ask(path, encoding);
  expect(answer.headers.get('content-encoding')).toBeNull();
  expect((await answer.text()).length).toBeGreaterThan(0);
});
