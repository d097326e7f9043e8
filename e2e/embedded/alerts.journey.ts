import { expectAccessible } from '../support/axe.ts';
import { expect, test } from '../support/test.ts';
import { Shell } from '../pages/shell.ts';

test('a route into this machine is refused with what to do, and one outside is told of in the log', async ({
  ownerPage,
  client,
}) => {
  await new Shell(ownerPage).goTo('Alerts');
  await expect(ownerPage.getByText('Nobody is told yet: there is no route.')).toBeVisible();
  await ownerPage.getByRole('link', { name: 'Routes', exact: true }).click();
  await ownerPage.getByRole('button', { name: 'New route' }).first().click();
  const dialog = ownerPage.getByRole('dialog', { name: 'New alert route' });
  await dialog.getByLabel('Name').fill('on-call');
  await dialog.getByLabel('Address').fill('http://127.0.0.1:9/hook');
  await dialog.getByRole('button', { name: 'Store route' }).click();
  await expect(dialog.getByRole('alert')).toContainText('AMBIT_ALERT_ALLOW');
  await expectAccessible(ownerPage);
  await dialog.getByLabel('Address').fill('https://hooks.example.invalid/ambit');
  await dialog.getByRole('button', { name: 'Store route' }).click();
  const made = ownerPage.getByRole('dialog', { name: 'Route on-call' });
  await expect(made.getByText(/^whsec_/)).toBeVisible();
  await made.getByRole('button', { name: 'I have copied it' }).click();
  await ownerPage.getByRole('button', { name: 'Act on on-call' }).click();
  await ownerPage.getByRole('menuitem', { name: 'Send a test' }).click();
  const log = ownerPage.getByRole('list', { name: 'Deliveries' });
  await expect(log.getByText('the host hooks.example.invalid is not known').first()).toBeVisible({
    timeout: 60_000,
  });
  await expectAccessible(ownerPage);
  const { items } = await client.alertRoute.list({});
  expect(items).toMatchObject([{ name: 'on-call', health: { state: 'failing' } }]);
});

test('a rule and a silence are made, and what a code means is explained', async ({
  ownerPage,
  client,
}) => {
  await ownerPage.goto('/alerts/rules');
  await ownerPage.getByRole('button', { name: 'New rule' }).first().click();
  const rule = ownerPage.getByRole('dialog', { name: 'New alert rule' });
  await rule.getByLabel('Name').fill('errors');
  await rule.getByRole('button', { name: 'Store rule' }).click();
  await expect(ownerPage.getByRole('row', { name: /errors/ })).toContainText('severity = error');
  await ownerPage.getByRole('button', { name: 'Act on errors' }).click();
  await ownerPage.getByRole('menuitem', { name: 'Delete' }).click();
  const asked = ownerPage.getByRole('dialog', { name: 'Delete rule errors?' });
  await expect(asked).toContainText('It has no alerts now.');
  await asked.getByRole('button', { name: 'Keep it' }).click();
  expect((await client.alertRule.list({})).items).toHaveLength(1);
  await ownerPage.goto('/alerts/silences');
  await ownerPage.getByRole('button', { name: 'New silence' }).first().click();
  const silence = ownerPage.getByRole('dialog', { name: 'Silence alerts' });
  await silence.getByLabel('Value 1').fill('shop');
  await silence.getByRole('button', { name: 'Silence', exact: true }).click();
  await expect(silence).toContainText('say why');
  await silence.getByLabel('Reason').fill('moving shop');
  await silence.getByRole('button', { name: 'Silence', exact: true }).click();
  await expect(ownerPage.getByRole('row', { name: /namespace = shop/ })).toContainText('Active');
  expect((await client.silence.list({})).items).toMatchObject([{ reason: 'moving shop' }]);
  await ownerPage.goto('/rules/IST0101');
  await expect(ownerPage.getByRole('heading', { level: 1 })).toContainText('IST0101');
  await expect(ownerPage.getByText('How to fix it').first()).toBeVisible();
  await expectAccessible(ownerPage);
});
