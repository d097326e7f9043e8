import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clusterKinds } from '../kinds/native.ts';
import { meshKinds } from '../testing/crds.ts';
import { hasCommand, type Kubectl, kubectlFor } from '../testing/kubectl.ts';
import { testServer, type TestServer } from '../testing/server.ts';

const mesh = await meshKinds();
const ready = mesh !== undefined && hasCommand('kubectl', ['version', '--client']);

const virtualService = (name: string, timeout: string, extra = '') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
  labels: {app: shop}
spec:
  hosts: [${name}]
  http:
  - name: main
    timeout: ${timeout}
    route:
    - destination: {host: ${name}}
${extra}`;

const service = (port: number) => `
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports:
  - {name: http, port: ${port}}
`;

describe.skipIf(!ready)('unmodified kubectl', { timeout: 30_000, concurrent: true }, () => {
  let server: TestServer;
  let kubectl: Kubectl;
  const ok = async (args: string[], options?: Parameters<Kubectl>[1]): Promise<string> => {
    const ran = await kubectl(args, options);
    expect(ran.code, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`).toBe(0);
    return ran.stdout;
  };
  const fails = async (args: string[], options?: Parameters<Kubectl>[1]): Promise<string> => {
    const ran = await kubectl(args, options);
    expect(ran.code, ran.stdout).not.toBe(0);
    return ran.stdout + ran.stderr;
  };

  beforeAll(async () => {
    server = await testServer({
      kinds: [...clusterKinds, ...mesh!],
      basePath: '/k8s/mesh-1',
      authenticate: () => ({ username: 'ada', groups: ['mesh-admins', 'system:authenticated'] }),
      authorize: ({ verb, resource }) => ({
        allowed: !(verb === 'delete' && resource === 'nodes'),
        reason: 'nodes stay',
      }),
    });
    kubectl = await kubectlFor(server.url);
  });
  afterAll(async () => {
    await server.close();
    await kubectl.remove();
  });

  test('version, api-resources, api-versions', async () => {
    expect(await ok(['version'])).toContain('Server Version: v1.34.0');
    const resources = await ok(['api-resources']);
    expect(resources).toMatch(
      /virtualservices\s+vs\s+networking\.istio\.io\/v1\s+true\s+VirtualService/,
    );
    expect(resources).toMatch(/deployments\s+deploy\s+apps\/v1\s+true\s+Deployment/);
    expect(await ok(['api-versions'])).toContain('gateway.networking.k8s.io/v1');
  });

  test('auth whoami, can-i', async () => {
    expect(await ok(['auth', 'whoami'])).toMatch(/Username\s+ada[\s\S]*mesh-admins/);
    expect((await ok(['auth', 'can-i', 'create', 'virtualservices'])).trim()).toBe('yes');
    expect(await fails(['auth', 'can-i', 'delete', 'nodes'])).toContain('no - nodes stay');
    expect(await ok(['auth', 'can-i', '--list'])).toContain('*.*');
    expect(await fails(['delete', 'node', 'n'])).toContain(
      'User "ada" cannot delete resource "nodes"',
    );
  });

  test('apply, diff, apply again, get with the columns of the CRD', async () => {
    const file = virtualService('reviews', '5s');
    expect(await ok(['apply', '-f', '-'], { stdin: file })).toContain('reviews created');
    expect(await ok(['apply', '-f', '-'], { stdin: file })).toContain('reviews unchanged');
    const changed = virtualService('reviews', '7s');
    const diff = await kubectl(['diff', '-f', '-'], { stdin: changed });
    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(/-\s+timeout: 5s[\s\S]*\+\s+timeout: 7s/);
    expect(await ok(['apply', '-f', '-'], { stdin: changed })).toContain('reviews configured');
    expect(await ok(['get', 'vs', 'reviews'])).toMatch(
      /NAME\s+GATEWAYS\s+HOSTS\s+AGE\s+reviews\s+\["reviews"\]/,
    );
    expect(await ok(['get', 'vs', '-l', 'app=shop', '-o', 'name'])).toContain(
      'virtualservice.networking.istio.io/reviews',
    );
    const old = await ok([
      'get',
      'virtualservices.v1beta1.networking.istio.io',
      'reviews',
      '-o',
      'jsonpath={.apiVersion}',
    ]);
    expect(old).toBe('networking.istio.io/v1beta1');
  });

  test('apply refuses unknown fields and what the schema and its rules forbid', async () => {
    const typo = virtualService('bad', '5s').replace('timeout', 'timeot');
    expect(await fails(['apply', '-f', '-'], { stdin: typo })).toContain(
      'unknown field "spec.http[0].timeot"',
    );
    const short = virtualService('bad', '0.1ms');
    expect(await fails(['apply', '-f', '-'], { stdin: short })).toContain(
      'must be a valid duration greater than 1ms',
    );
  });

  test('apply --server-side: conflict, co-ownership, --force-conflicts, removal', async () => {
    const sided = (manager: string, ...more: string[]) => [
      'apply',
      '--server-side',
      '--field-manager',
      manager,
      ...more,
      '-f',
      '-',
    ];
    expect(await ok(sided('one'), { stdin: service(80) })).toContain('serverside-applied');
    const conflict = await fails(sided('two'), {
      stdin: service(80).replace('app: web', 'app: other'),
    });
    expect(conflict).toContain('conflict with "one": .spec.selector');
    await ok(sided('two'), { stdin: service(443).replace('name: http', 'name: https') });
    const ports = await ok(['get', 'svc', 'web', '-o', 'jsonpath={.spec.ports[*].port}']);
    expect(ports.split(' ').sort()).toEqual(['443', '80']);
    await ok(sided('two', '--force-conflicts'), {
      stdin: service(443).replace('app: web', 'app: other'),
    });
    expect(await ok(['get', 'svc', 'web', '-o', 'jsonpath={.spec.selector.app}'])).toBe('other');
    const managers = await ok([
      'get',
      'svc',
      'web',
      '--show-managed-fields',
      '-o',
      'jsonpath={.metadata.managedFields[*].manager}',
    ]);
    expect(managers).toBe('one two');
    await ok(sided('one'), { stdin: 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\n' });
    expect(await ok(['get', 'svc', 'web', '-o', 'jsonpath={.spec.ports[*].port}'])).toBe('443');
  });

  test('client-side apply, then server-side apply of the same, without a conflict', async () => {
    await ok(['apply', '-f', '-'], { stdin: virtualService('moved', '5s') });
    await ok(['apply', '--server-side', '-f', '-'], { stdin: virtualService('moved', '6s') });
    expect(await ok(['get', 'vs', 'moved', '-o', 'jsonpath={.spec.http[0].timeout}'])).toBe('6s');
  });

  test('patch in three types, label, annotate, scale, set image, rollout', async () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'nginx' }] },
        },
      },
    };
    await ok(['create', '-f', '-'], { stdin: JSON.stringify(deployment) });
    const strategic = {
      spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox' }] } } },
    };
    await ok(['patch', 'deploy', 'web', '-p', JSON.stringify(strategic)]);
    expect(
      await ok(['get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[*].name}']),
    ).toBe('side web');
    await ok(['patch', 'deploy', 'web', '--type', 'merge', '-p', '{"spec":{"replicas":3}}']);
    await ok([
      'patch',
      'deploy',
      'web',
      '--type',
      'json',
      '-p',
      '[{"op":"remove","path":"/spec/template/spec/containers/1"}]',
    ]);
    await ok(['label', 'deploy', 'web', 'tier=front']);
    await ok(['annotate', 'deploy', 'web', 'note=x']);
    await ok(['set', 'image', 'deploy/web', 'side=busybox:2']);
    await ok(['scale', 'deploy', 'web', '--replicas', '5']);
    const shown = await ok(['get', 'deploy', 'web', '--show-labels', '-o', 'wide']);
    expect(shown).toMatch(/web\s+0\/5\s+0\s+0\s+\S+\s+side\s+busybox:2\s+app=web\s+tier=front/);
  });

  test('create and expose, which send protobuf', async () => {
    await ok([
      'create',
      'deployment',
      'made',
      '--image',
      'nginx:1',
      '--replicas',
      '2',
      '--port',
      '80',
    ]);
    await ok(['expose', 'deployment', 'made', '--port', '80', '--target-port', '8080']);
    await ok(['create', 'secret', 'generic', 'made', '--from-literal=p=q']);
    await ok(['create', 'role', 'made', '--verb=get', '--resource=pods']);
    const shown = await ok([
      'get',
      'deploy,svc,secret',
      'made',
      '-o',
      'jsonpath={.items[*].spec.replicas}{.items[*].spec.ports[0].targetPort}{.items[*].data.p}',
    ]);
    expect(shown).toBe('28080cQ==');
  });

  test('edit with a scripted editor', async () => {
    await ok(['apply', '-f', '-'], { stdin: virtualService('edited', '5s') });
    const editor = join(kubectl.folder, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/timeout: 5s/timeout: 9s/" "$1"\n');
    await chmod(editor, 0o755);
    expect(await ok(['edit', 'vs', 'edited'], { env: { KUBE_EDITOR: editor } })).toContain(
      'edited',
    );
    expect(await ok(['get', 'vs', 'edited', '-o', 'jsonpath={.spec.http[0].timeout}'])).toBe('9s');
  });

  test('explain goes into CRDs and native kinds', async () => {
    const explained = await ok(['explain', 'virtualservice.spec.http.timeout']);
    expect(explained).toMatch(/FIELD: timeout <string>[\s\S]*Timeout for HTTP requests/);
    expect(await ok(['explain', 'deployment.spec.template.spec.containers.ports'])).toContain(
      'containerPort\t<integer> -required-',
    );
    expect(await ok(['explain', 'httproute', '--recursive'])).toContain('parentRefs');
  });

  test('get -w tells what happens', async () => {
    const watch = kubectl.follow([
      'get',
      'cm',
      '-w',
      '--no-headers',
      '-l',
      'watched=yes',
      '--output-watch-events',
    ]);
    const made = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'seen', labels: { watched: 'yes' } },
    };
    await ok(['apply', '-f', '-'], { stdin: JSON.stringify(made) });
    expect(await watch.line()).toMatch(/^ADDED\s+seen\s+0/);
    await ok(['patch', 'cm', 'seen', '-p', '{"data":{"k":"v"}}']);
    expect(await watch.line()).toMatch(/^MODIFIED\s+seen\s+1/);
    await ok(['delete', 'cm', 'seen']);
    expect(await watch.line()).toMatch(/^DELETED\s+seen/);
    watch.stop();
  });

  test('wait for a condition that the status subresource brings, and for a deletion', async () => {
    const gateway = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'gw' },
      spec: {
        gatewayClassName: 'istio',
        listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
      },
    };
    await ok(['create', '-f', '-'], { stdin: JSON.stringify(gateway) });
    const waiting = kubectl(['wait', 'gtw/gw', '--for=condition=Programmed', '--timeout=10s']);
    const condition = {
      type: 'Programmed',
      status: 'True',
      reason: 'Ok',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    await ok([
      'patch',
      'gtw',
      'gw',
      '--subresource',
      'status',
      '--type',
      'merge',
      '-p',
      JSON.stringify({ status: { conditions: [condition] } }),
    ]);
    expect((await waiting).stdout).toContain('condition met');
    const gone = kubectl(['wait', 'gtw/gw', '--for=delete', '--timeout=10s']);
    await ok(['delete', 'gtw', 'gw']);
    expect((await gone).code).toBe(0);
  });

  test('delete --cascade: background, orphan, foreground', async () => {
    const make = async (owner: string): Promise<void> => {
      const parent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: owner } };
      await ok(['create', '-f', '-'], { stdin: JSON.stringify(parent) });
      const uid = await ok(['get', 'cm', owner, '-o', 'jsonpath={.metadata.uid}']);
      const references = [
        { apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid, blockOwnerDeletion: true },
      ];
      const child = {
        ...parent,
        metadata: { name: `${owner}-child`, ownerReferences: references },
      };
      await ok(['create', '-f', '-'], { stdin: JSON.stringify(child) });
    };
    for (const cascade of ['background', 'foreground', 'orphan']) {
      await make(cascade);
      await ok(['delete', 'cm', cascade, `--cascade=${cascade}`]);
      await server.api.idle();
      const child = await kubectl(['get', 'cm', `${cascade}-child`]);
      expect(child.code, cascade).toBe(cascade === 'orphan' ? 0 : 1);
    }
  });

  test('a namespace and a CRD are made, used and deleted', async () => {
    await ok(['apply', '-f', '-'], {
      stdin: '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}',
    });
    await ok(['apply', '-n', 'shop', '-f', '-'], { stdin: virtualService('a', '5s') });
    await ok(['delete', 'ns', 'shop']);
    expect(await fails(['get', 'ns', 'shop'])).toContain('not found');
    const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              cronSpec: {type: string, pattern: '^(\\d+|\\*)$'}
              replicas: {type: integer, default: 1}
`;
    await ok(['apply', '-f', '-'], { stdin: crd });
    await ok([
      'wait',
      '--for=condition=Established',
      'crd/crontabs.stable.example.com',
      '--timeout=5s',
    ]);
    const tab = {
      apiVersion: 'stable.example.com/v1',
      kind: 'CronTab',
      metadata: { name: 't' },
      spec: { cronSpec: '5' },
    };
    await ok(['apply', '-f', '-'], { stdin: JSON.stringify(tab) });
    expect(await ok(['get', 'ct', 't', '-o', 'jsonpath={.spec.replicas}'])).toBe('1');
    expect(await ok(['explain', 'ct.spec.replicas'])).toContain('<integer>');
    await ok(['delete', 'crd', 'crontabs.stable.example.com']);
    expect(await fails(['get', 'ct'])).toMatch(/NotFound|doesn't have a resource type/);
  });
});
