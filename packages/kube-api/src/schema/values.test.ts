import { afterAll, expect, test } from 'vitest';
import { valueSteps } from '../../bench/story-values.ts';
import { call } from '../testing/call.ts';
import { testApi } from '../testing/server.ts';

const api = testApi();
afterAll(() => api.close());

const tell = async (what: string) => {
  const step = valueSteps.find((each) => each.what === what)!;
  return call(api, step.method, step.path, step.body, { type: step.type });
};
const spec = async (what: string): Promise<unknown> => (await tell(what)).body.spec;

// That kube-apiserver answers the same is proven by clients/differential.lab.test.ts.
test('nulls where none may be count as not given, but in an applied configuration', async () => {
  expect((await tell('CRD of gauges')).status).toBe(201);
  expect(await spec('nulls')).toEqual({
    nullable: null,
    defaulted: 'd',
    map: { b: 'x' },
    nullableMap: { a: null },
    list: [{}],
    object: {},
    free: { a: null },
  });
  expect((await tell('null in a list of texts')).status).toBe(422);
  expect((await tell('nulls, applied')).status).toBe(422);
});

test('integers of definitions are kept beyond their format; those of the own kinds are refused', async () => {
  expect(await spec('number {"int32":2147483648}')).toMatchObject({ int32: 2147483648 });
  expect((await tell('number {"int32":1.5}')).status).toBe(422);
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'big' },
    spec: {
      replicas: 2147483648,
      selector: { matchLabels: { a: 'b' } },
      template: {
        metadata: { labels: { a: 'b' } },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      },
    },
  };
  const refused = await call(
    api,
    'POST',
    '/apis/apps/v1/namespaces/default/deployments',
    deployment,
  );
  expect(refused.body.message).toContain('spec.replicas');
});

test.each([
  ['https://user:pass@example.com:80/path?query=val#fragment', 201],
  ['https://a:b:c/', 422],
  ['http://a/%zz', 422],
  ['http://', 201],
  ['http://[fe80::1%25en0]:8080/', 201],
  ['http://a\\b/', 422],
])('isURL(%j) is as in Go: %d', async (url, status) => {
  expect((await tell(`url ${JSON.stringify(url)}`)).status).toBe(status);
});

test.each(valueSteps.filter(({ what }) => what.startsWith('parts of ')).map(({ what }) => what))(
  '%s are as in Go',
  async (what) => {
    const answer = await tell(what);
    expect(answer.status, answer.body.message as unknown as string).toBe(201);
  },
);
