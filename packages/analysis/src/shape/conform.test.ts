import { expect, test } from 'vitest';
import { readObject } from '../read-object.ts';

const pod = (spec: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec,
});

test('null is unset, in lists an empty entry, and the written object stays as it is', () => {
  const object = pod({ containers: [{ name: 'web', env: null }, null], hostNetwork: null });
  const read = readObject(object);
  const spec = 'resource' in read ? read.resource.spec : undefined;
  expect(spec).toStrictEqual({ containers: [{ name: 'web' }, {}] });
  expect(object).toEqual(
    pod({ containers: [{ name: 'web', env: null }, null], hostNetwork: null }),
  );
});

test.each([
  [{ containers: 'web' }, 'spec.containers', 'a list'],
  [{ containers: [{ name: 1 }] }, 'spec.containers.0.name', 'text'],
  [{ securityContext: { runAsUser: '1337' } }, 'spec.securityContext.runAsUser', 'whole number'],
  [{ hostNetwork: 'yes' }, 'spec.hostNetwork', 'true or false'],
])('%j is refused as Kubernetes refuses it', (spec, path, message) => {
  const read = readObject(pod(spec));
  const [problem] = 'problems' in read ? read.problems : [];
  expect(problem?.path.join('.')).toBe(path);
  expect(problem?.message).toContain(message);
});

test('an object that needs no change is not copied', () => {
  const spec = { containers: [{ name: 'web' }] };
  const read = readObject(pod(spec));
  expect('resource' in read && read.resource.spec).toBe(spec);
});
