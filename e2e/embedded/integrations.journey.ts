import { Shell } from '../pages/shell.ts';
import { expectAccessible } from '../support/axe.ts';
import { expect, test } from '../support/test.ts';

test('a server of metrics is connected, and its test says in words what is wrong with it', async ({
  ownerPage,
  client,
}) => {
  await new Shell(ownerPage).goTo('Integrations');
  await expect(ownerPage.getByText('No server is connected')).toBeVisible();
  await ownerPage.getByRole('button', { name: 'Connect a server' }).first().click();
  const dialog = ownerPage.getByRole('dialog', { name: 'Connect a server' });
  await dialog.getByLabel('Name').fill('metrics');
  await dialog.getByLabel('Address').fill('http://127.0.0.1:9/prometheus');
  await dialog.getByRole('button', { name: 'Store and test' }).click();
  await expect(dialog.getByRole('alert')).toContainText('AMBIT_ALERT_ALLOW');
  await dialog.getByLabel('Address').fill('https://metrics.example.invalid');
  await dialog.getByLabel('Signs in').selectOption('by a token');
  await dialog.getByLabel('Token').fill('a-secret-token');
  await expectAccessible(ownerPage);
  await dialog.getByRole('button', { name: 'Store and test' }).click();
  const told = ownerPage.getByRole('dialog', { name: 'Test of metrics' });
  await expect(told.getByText('It does not work')).toBeVisible({ timeout: 60_000 });
  await expect(told.getByText(/metrics\.example\.invalid/).first()).toBeVisible();
  await expectAccessible(ownerPage);
  await told.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect(ownerPage.getByRole('row', { name: /metrics/ })).toContainText('Failed');
  const { items } = await client.integration.list({});
  expect(items).toMatchObject([{ name: 'metrics', auth: { kind: 'bearer' } }]);
  expect(JSON.stringify(items)).not.toContain('a-secret-token');

  await ownerPage.getByRole('button', { name: 'Act on metrics' }).click();
  await ownerPage.getByRole('menuitem', { name: 'Delete…' }).click();
  await ownerPage.getByRole('button', { name: 'Delete it' }).click();
  await expect(ownerPage.getByText('No server is connected')).toBeVisible();
});
