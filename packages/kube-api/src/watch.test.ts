import { describe, expect, test } from 'vitest';
import { createMemoryStore } from './store/memory.ts';
import { call, configMap, CONFIG_MAPS, watching } from './testing/call.ts';
import { testApi } from './testing/server.ts';

const MERGE = { type: 'application/merge-patch+json' };

describe('watch', () => {
  test('begins with the present state, then tells every change in order', async () => {
    const api = testApi();
    await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    const watch = await watching(api, `${CONFIG_MAPS}?watch=true`);
    expect(await watch.next()).toMatchObject({
      type: 'ADDED',
      object: { metadata: { name: 'a' } },
    });
    await call(api, 'POST', CONFIG_MAPS, configMap('b'));
    await call(api, 'PATCH', `${CONFIG_MAPS}/a`, { data: { k: 'v' } }, MERGE);
    const deletion = await call(api, 'DELETE', `${CONFIG_MAPS}/a`);
    expect(deletion.status).toBe(200);
    const events = [await watch.next(), await watch.next(), await watch.next()];
    expect(events.map((event) => [event!.type, event!.object.metadata.name])).toEqual([
      ['ADDED', 'b'],
      ['MODIFIED', 'a'],
      ['DELETED', 'a'],
    ]);
    const versions = events.map((event) => Number(event!.object.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((x, y) => x - y));
    await watch.stop();
  });

  test('resumes after a resourceVersion without a gap', async () => {
    const api = testApi();
    const list = await call(api, 'GET', CONFIG_MAPS);
    await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    await call(api, 'POST', CONFIG_MAPS, configMap('b'));
    const from = list.body.metadata.resourceVersion;
    const watch = await watching(api, `${CONFIG_MAPS}?watch=true&resourceVersion=${from}`);
    expect((await watch.next())!.object.metadata.name).toBe('a');
    expect((await watch.next())!.object.metadata.name).toBe('b');
    await watch.stop();
  });

  test('a resourceVersion older than the history is answered with a 410 event', async () => {
    const api = testApi({ store: createMemoryStore({ history: { events: 3 } }) });
    const list = await call(api, 'GET', CONFIG_MAPS);
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await call(api, 'POST', CONFIG_MAPS, configMap(name));
    const from = list.body.metadata.resourceVersion;
    const watch = await watching(api, `${CONFIG_MAPS}?watch=true&resourceVersion=${from}`);
    const event = await watch.next();
    expect(event).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(await watch.next()).toBeUndefined();
  });

  test('sendInitialEvents ends the initial state with an annotated bookmark', async () => {
    const api = testApi();
    await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    const query =
      'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = await watching(api, `${CONFIG_MAPS}?${query}`);
    expect((await watch.next())!.type).toBe('ADDED');
    expect(await watch.next()).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    await watch.stop();
    const wrong = await call(api, 'GET', `${CONFIG_MAPS}?watch=1&sendInitialEvents=true`);
    expect(wrong.status).toBe(422);
  });

  test('bookmarks carry the revision everything was delivered up to', async () => {
    const api = testApi({ limits: { bookmarkMs: 5 } });
    const watch = await watching(api, `${CONFIG_MAPS}?watch=1&allowWatchBookmarks=true`);
    await call(api, 'POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'x' },
    });
    const current = (await call(api, 'GET', CONFIG_MAPS)).body.metadata.resourceVersion;
    let event = await watch.next();
    while (event!.object.metadata.resourceVersion !== current) event = await watch.next();
    expect(event!.type).toBe('BOOKMARK');
    await watch.stop();
  });

  test('an object that stops matching the selector is deleted for this watcher', async () => {
    const api = testApi();
    const watch = await watching(api, `${CONFIG_MAPS}?watch=1&labelSelector=app%3Dweb`);
    await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    await call(api, 'PATCH', `${CONFIG_MAPS}/a`, { metadata: { labels: { app: 'web' } } }, MERGE);
    await call(api, 'PATCH', `${CONFIG_MAPS}/a`, { metadata: { labels: { app: 'db' } } }, MERGE);
    expect((await watch.next())!.type).toBe('ADDED');
    expect((await watch.next())!.type).toBe('DELETED');
    await watch.stop();
  });

  test('ends after timeoutSeconds', async () => {
    const api = testApi();
    const watch = await watching(api, `${CONFIG_MAPS}?watch=1&timeoutSeconds=1`);
    expect(await watch.next()).toBeUndefined();
  });

  test('closing the API ends its watches', async () => {
    const api = testApi();
    const watch = await watching(api, `${CONFIG_MAPS}?watch=1`);
    api.close();
    expect(await watch.next()).toBeUndefined();
  });

  test('a reader that does not read is closed with 410 once its queue is full', async () => {
    const api = testApi({ limits: { watchQueueBytes: 200_000, watchFlushTimeoutMs: 50 } });
    const watch = await watching(api, `${CONFIG_MAPS}?watch=1`);
    const big = 'x'.repeat(50_000);
    for (let i = 0; i < 12; i++) await call(api, 'POST', CONFIG_MAPS, configMap(`m${i}`, { big }));
    const types: string[] = [];
    const drain = async (): Promise<void> => {
      for (let event = await watch.next(); event !== undefined; event = await watch.next()) {
        types.push(event.type);
      }
    };
    await drain().catch(() => types.push('BROKEN'));
    expect(['ERROR', 'BROKEN']).toContain(types.at(-1));
    expect(types.length).toBeLessThan(12);
  });

  test('one that never reads is forgotten, and frees its place', async () => {
    const api = testApi({
      limits: { watchQueueBytes: 100_000, watchFlushTimeoutMs: 1, watches: 1 },
    });
    await watching(api, `${CONFIG_MAPS}?watch=1`);
    const refused = await call(api, 'GET', `${CONFIG_MAPS}?watch=1`);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    const big = 'x'.repeat(60_000);
    for (let i = 0; i < 6; i++) await call(api, 'POST', CONFIG_MAPS, configMap(`m${i}`, { big }));
    await expect
      .poll(async () => {
        const response = await api.handle(
          new Request(`http://api${CONFIG_MAPS}?watch=1&timeoutSeconds=1`),
        );
        return response.status;
      })
      .toBe(200);
  });
});

describe('list', () => {
  test('pages show one state, whatever is written in between', async () => {
    const api = testApi();
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await call(api, 'POST', CONFIG_MAPS, configMap(name));
    const first = await call(api, 'GET', `${CONFIG_MAPS}?limit=2`);
    expect(first.body.metadata).toMatchObject({ remainingItemCount: 3 });
    await call(api, 'DELETE', `${CONFIG_MAPS}/d`);
    await call(api, 'POST', CONFIG_MAPS, configMap('bb'));
    const next = encodeURIComponent(String(first.body.metadata.continue));
    const second = await call(api, 'GET', `${CONFIG_MAPS}?limit=10&continue=${next}`);
    const names = (second.body.items as unknown as { metadata: { name: string } }[]).map(
      (item) => item.metadata.name,
    );
    expect(names).toEqual(['c', 'd', 'e']);
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
  });

  test('a continue token outlived by its history is 410, a made-up one 400', async () => {
    const api = testApi({ store: createMemoryStore({ history: { events: 2 } }) });
    for (const name of ['a', 'b', 'c']) await call(api, 'POST', CONFIG_MAPS, configMap(name));
    const first = await call(api, 'GET', `${CONFIG_MAPS}?limit=1`);
    for (const name of ['x', 'y', 'z']) await call(api, 'POST', CONFIG_MAPS, configMap(name));
    const next = encodeURIComponent(String(first.body.metadata.continue));
    expect((await call(api, 'GET', `${CONFIG_MAPS}?limit=1&continue=${next}`)).status).toBe(410);
    expect((await call(api, 'GET', `${CONFIG_MAPS}?limit=1&continue=zzz`)).status).toBe(400);
  });

  test('resourceVersionMatch=Exact shows the past', async () => {
    const api = testApi();
    const made = await call(api, 'POST', CONFIG_MAPS, configMap('a', { k: '1' }));
    await call(api, 'PATCH', `${CONFIG_MAPS}/a`, { data: { k: '2' } }, MERGE);
    const version = made.body.metadata.resourceVersion;
    const past = await call(
      api,
      'GET',
      `${CONFIG_MAPS}?resourceVersion=${version}&resourceVersionMatch=Exact`,
    );
    expect(past.body.items).toMatchObject([{ data: { k: '1' } }]);
  });

  test('label and field selectors select; unknown fields and broken selectors are 400', async () => {
    const api = testApi();
    for (const name of ['a', 'b']) {
      await call(api, 'POST', CONFIG_MAPS, {
        ...configMap(name),
        metadata: { name, labels: { app: name } },
      });
    }
    const names = async (query: string) =>
      (
        (await call(api, 'GET', `${CONFIG_MAPS}?${query}`)).body.items as unknown as {
          metadata: { name: string };
        }[]
      ).map((item) => item.metadata.name);
    expect(await names('labelSelector=app%20in%20(b,c)')).toEqual(['b']);
    expect(await names('fieldSelector=metadata.name%3Da')).toEqual(['a']);
    expect(await names('fieldSelector=metadata.name!%3Da')).toEqual(['b']);
    expect((await call(api, 'GET', `${CONFIG_MAPS}?fieldSelector=spec.x%3Da`)).status).toBe(400);
    expect((await call(api, 'GET', `${CONFIG_MAPS}?labelSelector=a%20in%20(`)).status).toBe(400);
  });

  test('Table and PartialObjectMetadata views, and gzip of large answers', async () => {
    const api = testApi({ limits: { gzipBytes: 100 } });
    await call(api, 'POST', CONFIG_MAPS, configMap('a', { k: 'v' }));
    const table = await call(api, 'GET', CONFIG_MAPS, undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    expect(table.body).toMatchObject({
      kind: 'Table',
      rows: [
        { cells: ['a', 1, expect.stringMatching(/s$/)], object: { kind: 'PartialObjectMetadata' } },
      ],
    });
    const partial = await call(api, 'GET', CONFIG_MAPS, undefined, {
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    });
    expect(partial.body.items).toMatchObject([
      { kind: 'PartialObjectMetadata', metadata: { name: 'a' } },
    ]);
    const packed = await api.handle(
      new Request(`http://api${CONFIG_MAPS}`, { headers: { 'accept-encoding': 'gzip' } }),
    );
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    const other = await call(api, 'GET', CONFIG_MAPS, undefined, {
      accept: 'application/vnd.kubernetes.protobuf',
    });
    expect(other.status).toBe(406);
  });
});
