import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '@ambit/run/root';
import { run } from '@ambit/run/testing/kubectl';
import { expect, test } from '../support/test.ts';

let config: string;
test.beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'ambit-cli-'));
});
test.afterEach(() => rmSync(config, { recursive: true }));

/** The command as a user of the checkout runs it. */
const ambit = (line: string, env: NodeJS.ProcessEnv = {}) =>
  run('npx', ['ambit', ...line.split(' ')], {
    cwd: root,
    env: { XDG_CONFIG_HOME: config, AMBIT_URL: '', AMBIT_TOKEN: '', ...env },
  });

test('a script signs in once, then joins, lists and reads clusters by name', async ({
  platform,
}) => {
  const login = await ambit('login --name here', {
    AMBIT_URL: platform.url,
    AMBIT_TOKEN: platform.token,
  });
  expect(login).toMatchObject({ code: 0, stdout: expect.stringContaining('owner of default') });
  const joined = await ambit('cluster join --name from-cli -o json');
  expect(joined.code).toBe(0);
  const { cluster } = JSON.parse(joined.stdout) as { cluster: { id: string } };
  const listed = await ambit('cluster list');
  expect(listed.stdout).toMatch(/NAME +STATE/);
  expect(listed.stdout).toMatch(/from-cli +waiting/);
  const one = await ambit('cluster get from-cli -o json');
  expect(JSON.parse(one.stdout)).toMatchObject({ id: cluster.id, state: 'waiting' });
});

test('the platform of the checkout is found by its admin.json, and the audit names the door', async ({
  platform,
  client,
}) => {
  const env = { AMBIT_HOME: platform.home };
  expect((await ambit('project create --name by-cli', env)).code).toBe(0);
  const { items } = await client.audit.list({ action: 'project.create' });
  expect(items[0]).toMatchObject({ door: 'cli', outcome: 'done' });
});

test('a refusal is told with the fix and the request, and ends with its code', async ({
  platform,
}) => {
  const env = { AMBIT_URL: platform.url, AMBIT_TOKEN: platform.token };
  const missing = await ambit('mesh get msh_01kaz5m8x0v6h2c4q7t9w3e5r1', env);
  expect(missing.code).toBe(4);
  expect(missing.stderr).toMatch(/request req_\w+/);
  const stranger = await ambit('cluster list', { ...env, AMBIT_TOKEN: 'ambit_nobody' });
  expect(stranger.code).toBe(3);
  expect(await ambit('mesh creat', env)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean "create"?'),
  });
});

test('the manifest of an agent is printed for those who apply it elsewhere', async ({
  platform,
}) => {
  const env = { AMBIT_URL: platform.url, AMBIT_TOKEN: platform.token };
  const { code, stdout } = await ambit('agent install --cluster printed --print', env);
  expect(code).toBe(0);
  expect(stdout).toContain('kind: Deployment');
  expect(stdout).toContain('ambit-system');
});
