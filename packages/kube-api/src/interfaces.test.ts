import { describe, expect, test } from 'vitest';
import type { Write } from './store/store.ts';
import { createMemoryStore } from './store/memory.ts';
import { forbidden } from './status.ts';
import { call, configMap, CONFIG_MAPS } from './testing/call.ts';
import { testApi } from './testing/server.ts';

describe('what the caller brings', () => {
  test('authenticate: nobody is 401, and nothing of the request is looked at before', async () => {
    const api = testApi({
      authenticate: (request) =>
        request.header('authorization') === 'Bearer t'
          ? { username: 'ada', groups: ['dev'] }
          : undefined,
    });
    const nobody = await call(api, 'POST', CONFIG_MAPS, '{broken');
    expect(nobody.body).toMatchObject({ kind: 'Status', code: 401, reason: 'Unauthorized' });
    const headers = { authorization: 'Bearer t' };
    expect((await call(api, 'GET', CONFIG_MAPS, undefined, { headers })).status).toBe(200);
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const me = await call(
      api,
      'POST',
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      review,
      { headers },
    );
    expect(me.body.status).toEqual({ userInfo: { username: 'ada', groups: ['dev'] } });
  });

  test('authorize: sees verb, resource, namespace, name and subresource; a refusal is 403', async () => {
    const asked: string[] = [];
    const api = testApi({
      authorize: ({ verb, resource, namespace, name, subresource, path }) => {
        asked.push([verb, resource ?? path, namespace, name, subresource].join(' ').trim());
        return { allowed: verb !== 'delete' && namespace !== 'kube-system', reason: 'no' };
      },
    });
    await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    const refused = await call(api, 'DELETE', `${CONFIG_MAPS}/a`);
    expect(refused.body).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'configmaps "a" is forbidden: User "system:admin" cannot delete resource "configmaps" in API group "" in the namespace "default": no',
    });
    expect((await call(api, 'GET', '/api/v1/namespaces/kube-system/secrets')).status).toBe(403);
    await call(
      api,
      'PATCH',
      '/apis/apps/v1/namespaces/default/deployments/d/scale',
      {},
      { type: 'application/merge-patch+json' },
    );
    await call(api, 'GET', '/version');
    expect(asked).toEqual([
      'create configmaps default',
      'delete configmaps default a',
      'list secrets kube-system',
      'patch deployments default d scale',
      'get /version',
    ]);
  });

  test('reviews answer what authorize and rulesFor answer', async () => {
    const api = testApi({
      authorize: ({ verb, resource }) => ({
        allowed: verb === 'get' || resource === undefined || verb === 'create',
        reason: verb,
      }),
      rulesFor: (_user, namespace) => [{ verbs: ['get'], apiGroups: [''], resources: [namespace] }],
    });
    const base = '/apis/authorization.k8s.io/v1';
    const ask = (kind: string, spec: object) =>
      call(api, 'POST', `${base}/${kind.toLowerCase()}s`, {
        apiVersion: 'authorization.k8s.io/v1',
        kind,
        spec,
      });
    const attributes = (verb: string) => ({
      resourceAttributes: { verb, resource: 'pods', namespace: 'x' },
    });
    expect((await ask('SelfSubjectAccessReview', attributes('get'))).body.status).toEqual({
      allowed: true,
      reason: 'get',
    });
    expect((await ask('SelfSubjectAccessReview', attributes('list'))).body.status).toMatchObject({
      allowed: false,
    });
    expect(
      (await ask('SubjectAccessReview', { ...attributes('get'), user: 'bob' })).body.status,
    ).toMatchObject({ allowed: true });
    expect((await ask('SelfSubjectRulesReview', { namespace: 'n' })).body.status).toMatchObject({
      resourceRules: [{ resources: ['n'] }],
    });
    expect((await ask('SelfSubjectAccessReview', {})).status).toBe(400);
  });

  test('admission: mutations are stored, refusals refuse, warnings reach the client', async () => {
    const seen: string[] = [];
    const api = testApi({
      admission: [
        {
          name: 'stamp',
          mutate: ({ object }) => {
            if (object !== undefined)
              object.metadata.labels = { ...object.metadata.labels, stamped: 'yes' };
          },
        },
        {
          name: 'guard',
          validate: ({ operation, object, old, version, name, warn, dryRun }) => {
            seen.push(
              `${operation} ${name} ${String(object?.metadata.labels?.stamped)} ${String(old !== undefined)} ${String(dryRun)}`,
            );
            if (name === 'bad' || operation === 'DELETE')
              throw forbidden(version.resource, name, 'guarded');
            warn('looked at by guard');
          },
        },
      ],
    });
    const made = await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    expect(made.body.metadata.labels).toEqual({ stamped: 'yes' });
    expect(made.headers.get('warning')).toBe('299 - "looked at by guard"');
    expect((await call(api, 'POST', CONFIG_MAPS, configMap('bad'))).body.message).toBe(
      'configmaps "bad" is forbidden: guarded',
    );
    await call(
      api,
      'PATCH',
      `${CONFIG_MAPS}/a?dryRun=All`,
      { data: { k: 'v' } },
      { type: 'application/merge-patch+json' },
    );
    expect((await call(api, 'DELETE', `${CONFIG_MAPS}/a`)).status).toBe(403);
    expect(seen).toEqual([
      'CREATE a yes false false',
      'CREATE bad yes false false',
      'UPDATE a yes true true',
      'DELETE a undefined true false',
    ]);
  });

  test('the store is told who writes, how and as which manager', async () => {
    const inner = createMemoryStore();
    const writes: Write['context'][] = [];
    const api = testApi({
      store: {
        ...inner,
        create: (write) => (writes.push(write.context), inner.create(write)),
        update: (write, expected) => (writes.push(write.context), inner.update(write, expected)),
      },
      authenticate: () => ({ username: 'ada', groups: [] }),
      initial: [],
      namespacesRequired: false,
    });
    await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    await call(api, 'PATCH', `${CONFIG_MAPS}/a?fieldManager=tool`, configMap('a', { k: 'v' }), {
      type: 'application/apply-patch+yaml',
    });
    expect(writes).toMatchObject([
      { user: { username: 'ada' }, verb: 'create', fieldManager: 'test' },
      { user: { username: 'ada' }, verb: 'apply', fieldManager: 'tool' },
    ]);
  });

  test('connect serves subresources that the engine does not know', async () => {
    const api = testApi({
      connect: async ({ target }) =>
        target.subresource === 'log' ? new Response(`log of ${target.name}`) : undefined,
    });
    const answer = await call(api, 'GET', '/api/v1/namespaces/default/pods/p/log');
    expect(answer.body).toEqual({ text: 'log of p' });
    expect((await call(api, 'GET', '/api/v1/namespaces/default/pods/p/exec')).status).toBe(404);
  });

  test('a store that fails is a 500 without its message, and is reported', async () => {
    const errors: unknown[] = [];
    const inner = createMemoryStore();
    const api = testApi({
      store: {
        ...inner,
        list: async (query) =>
          query.resource === 'configmaps'
            ? Promise.reject(new Error('secret detail'))
            : inner.list(query),
      },
      onError: (error) => errors.push(error),
    });
    const answer = await call(api, 'GET', CONFIG_MAPS);
    expect(answer.body).toMatchObject({ kind: 'Status', code: 500, reason: 'InternalError' });
    expect(JSON.stringify(answer.body)).not.toContain('secret detail');
    expect(errors).toHaveLength(1);
  });
});
