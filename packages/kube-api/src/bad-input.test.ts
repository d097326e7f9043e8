import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { call, configMap, CONFIG_MAPS } from './testing/call.ts';
import { testApi } from './testing/server.ts';

const APPLY = { type: 'application/apply-patch+yaml' };

describe('hostile and broken bodies get a Status, never a stack trace', () => {
  const api = testApi({
    onError: (error) => {
      throw error;
    },
  });
  const refused = async (body: string, code: number, type?: string) => {
    const answer = await call(api, 'POST', CONFIG_MAPS, body, { type });
    expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', code });
    expect(JSON.stringify(answer.body)).not.toMatch(/\.ts:|node_modules|at Object/);
    return answer;
  };

  test('truncated', () => refused('{"apiVersion":"v1","kind":"Config', 400));
  test('empty', () => refused('', 400));
  test('not an object', () => refused('[1,2]', 400));
  test('another kind', () =>
    refused('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}', 400));
  test('nested too deep', () => refused(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 400));
  test('arrays nested too deep', () => refused('['.repeat(100_000), 400));
  test('prototype keys', () =>
    refused(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"__proto__":"x"}}',
      400,
    ));
  test('escaped prototype keys', () =>
    refused(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"\\u005f_proto__":"x"}}',
      400,
    ));
  test('metadata of the wrong type', () =>
    refused('{"apiVersion":"v1","kind":"ConfigMap","metadata":3}', 400));
  test('a name of the wrong type', () =>
    refused('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":{"a":1}}}', 400));
  test('labels of the wrong type', () =>
    refused('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":[1]}}', 400));
  test('owners of the wrong type', () =>
    refused(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","ownerReferences":[3]}}',
      400,
    ));
  test('finalizers of the wrong type', () =>
    refused(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","finalizers":{"a":1}}}',
      400,
    ));
  test('managedFields of the wrong type', () =>
    refused(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","managedFields":[7]}}',
      400,
    ));
  test('an unknown content type', () => refused('x', 415, 'application/x-something'));
  test('broken YAML', () => refused('a: [b', 400, 'application/yaml'));
  test('a YAML bomb', () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let i = 0; i < 12; i++) {
      const from = String.fromCharCode(97 + i);
      lines.push(
        `${String.fromCharCode(98 + i)}: &${String.fromCharCode(98 + i)} [${Array(9).fill(`*${from}`).join(',')}]`,
      );
    }
    return refused(lines.join('\n'), 400, 'application/yaml');
  });
  test('YAML nested too deep', () => refused('['.repeat(20_000), 400, 'application/yaml'));

  test('more than 3 MiB is 413, whether announced or not', async () => {
    const big = JSON.stringify(configMap('big', { k: 'x'.repeat(3 * 1024 * 1024) }));
    await refused(big, 413);
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 40; i++) controller.enqueue(new Uint8Array(100_000));
        controller.close();
      },
    });
    const init = { method: 'POST', body: stream, duplex: 'half' } as RequestInit;
    const streamed = await api.handle(new Request(`http://api${CONFIG_MAPS}`, init));
    expect(streamed.status).toBe(413);
  });

  test('a body that breaks off is 400', async () => {
    const stream = new ReadableStream({
      pull(controller) {
        controller.error(new Error('gone'));
      },
    });
    const init = { method: 'POST', body: stream, duplex: 'half' } as RequestInit;
    const answer = await api.handle(new Request(`http://api${CONFIG_MAPS}`, init));
    expect(answer.status).toBe(400);
  });

  test('paths that do not decode, unknown resources and methods', async () => {
    expect((await call(api, 'GET', '/api/v1/namespaces/%ff/pods')).status).toBe(400);
    expect((await call(api, 'GET', '/apis/nobody/v1/things')).status).toBe(404);
    expect((await call(api, 'GET', '/nothing')).body.kind).toBe('Status');
    expect((await call(api, 'POST', `${CONFIG_MAPS}/a`, configMap('a'))).status).toBe(405);
    expect((await call(api, 'OPTIONS', CONFIG_MAPS)).status).toBe(405);
  });

  test('names that are no names', async () => {
    for (const name of ['A', 'a_b', '-a', 'a'.repeat(254), '../x', 'constructor\u0000']) {
      const answer = await call(api, 'POST', CONFIG_MAPS, configMap(name));
      expect(answer.body).toMatchObject({ code: 422, reason: 'Invalid' });
    }
    expect((await call(api, 'POST', CONFIG_MAPS, configMap('constructor'))).status).toBe(201);
  });

  test('keys named like members of every object are only keys', async () => {
    const data = { constructor: 'a', toString: 'b', hasOwnProperty: 'c', valueOf: 'd' };
    const made = await call(
      api,
      'PATCH',
      `${CONFIG_MAPS}/keys?fieldManager=m`,
      configMap('keys', data),
      APPLY,
    );
    expect(made.body.data).toEqual(data);
    const labels = await call(api, 'GET', `${CONFIG_MAPS}?labelSelector=constructor`);
    expect(labels.body.items).toEqual([]);
  });

  test('patches that are no patches', async () => {
    await call(api, 'POST', CONFIG_MAPS, configMap('p', { k: 'v' }));
    const patch = (body: unknown, type: string) =>
      call(api, 'PATCH', `${CONFIG_MAPS}/p`, body, { type });
    const json = 'application/json-patch+json';
    expect((await patch({}, json)).status).toBe(400);
    expect((await patch([{ op: 'steal', path: '/data' }], json)).status).toBe(400);
    expect((await patch([{ op: 'add', path: '/data/__proto__/x', value: 1 }], json)).status).toBe(
      400,
    );
    expect((await patch([{ op: 'remove', path: '/data/none' }], json)).status).toBe(422);
    expect((await patch([{ op: 'test', path: '/data/k', value: 'w' }], json)).status).toBe(422);
    expect((await patch([{ op: 'replace', path: '', value: 3 }], json)).status).toBe(400);
    expect((await patch([1], 'application/merge-patch+json')).status).toBe(400);
    expect((await patch({ metadata: null }, 'application/merge-patch+json')).status).toBeLessThan(
      500,
    );
    expect(
      (await patch({ data: { $patch: 'explode' } }, 'application/strategic-merge-patch+json'))
        .status,
    ).toBe(400);
    expect((await patch({}, 'text/plain')).status).toBe(415);
    expect((await call(api, 'PATCH', `${CONFIG_MAPS}/p`, configMap('p'), APPLY)).status).toBe(422);
  });

  test('an apply with a list item that has no key, or the same item twice', async () => {
    const path = '/api/v1/namespaces/default/services/s?fieldManager=m';
    const service = (ports: unknown[]) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { ports },
    });
    expect(
      (await call(api, 'PATCH', path, service([{ name: 'x' }, 3]), APPLY)).status,
    ).toBeLessThan(500);
    const twice = await call(api, 'PATCH', path, service([{ port: 1 }, { port: 1 }]), APPLY);
    expect(twice.body).toMatchObject({ code: 422, reason: 'Invalid' });
  });

  test('whatever JSON is sent, the answer is an object or a Status below 500', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.json({ maxDepth: 4 }),
        fc.constantFrom('POST', 'PUT', 'PATCH'),
        async (body, method) => {
          const path = method === 'POST' ? CONFIG_MAPS : `${CONFIG_MAPS}/p`;
          const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
          const answer = await call(api, method, path, body, { type });
          expect(answer.status).toBeLessThan(500);
          expect(typeof answer.body.kind).toBe('string');
        },
      ),
      { numRuns: 200 },
    );
  });

  test('whatever is laid into a Deployment, nothing breaks', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments/fuzz?fieldManager=m&force=true';
    const node = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.integer(),
        fc.string(),
        fc.boolean(),
        tie('list'),
        tie('map'),
      ),
      list: fc.array(tie('value'), { maxLength: 3 }),
      map: fc.dictionary(
        fc.constantFrom(
          'containers',
          'name',
          'image',
          'ports',
          'env',
          'containerPort',
          'template',
          'spec',
          'metadata',
          'labels',
          'selector',
          'volumes',
        ),
        tie('value'),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(node.map, async (spec) => {
        const body = {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'fuzz' },
          spec,
        };
        const answer = await call(api, 'PATCH', path, body, APPLY);
        expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
  });
});
