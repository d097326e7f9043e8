import { expectAccessible } from '../support/axe.ts';
import { expect, test } from '../support/test.ts';
import { ClustersPage } from '../pages/clusters.ts';
import { Shell } from '../pages/shell.ts';
import { SignInPage } from '../pages/sign-in.ts';

// None of them looks at what another one makes.
test.describe.configure({ mode: 'parallel' });

const pages = [
  'Home',
  'Meshes',
  'Clusters',
  'Findings',
  'Rules',
  'Alerts',
  'Operations',
  'Releases',
  'Members',
  'Tokens',
  'Audit',
  'Projects',
  'Settings',
];

test('a wrong password is refused in words, and the right one leads where one wanted to go', async ({
  page,
  platform,
}) => {
  await page.goto('/clusters');
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fclusters$/);
  const signIn = new SignInPage(page);
  await signIn.submit(platform.email, 'not the password');
  await expect(page.getByRole('main').getByRole('alert')).toContainText(/password/i);
  await expect(page).toHaveURL(/\/sign-in/);
  await signIn.submit(platform.email, platform.password);
  await expect(page.getByRole('heading', { level: 1, name: 'Clusters' })).toBeVisible();
});

test('joining shows one command with a token, and the cluster waits for its agent', async ({
  ownerPage,
  platform,
  client,
}) => {
  const clusters = new ClustersPage(ownerPage);
  await clusters.open();
  const { dialog, command } = await clusters.join('prod-eu');
  expect(command).toMatch(
    /^kubectl apply -f "http:\/\/127\.0\.0\.1:\d+\/agent\/v1\/manifest\?token=\w+/,
  );
  expect(command).toContain(platform.url);
  await expect(dialog.getByRole('status')).toContainText('Waiting for the agent');
  const { items } = await client.cluster.list({ name: 'prod-eu' });
  expect(items.map(({ state }) => state)).toEqual(['waiting']);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(ownerPage.getByRole('row', { name: /prod-eu/ })).toContainText('Waiting');
});

test('a name that is taken or malformed is told at its field', async ({ ownerPage, client }) => {
  await client.cluster.join({ name: 'taken' });
  const clusters = new ClustersPage(ownerPage);
  await clusters.open();
  await ownerPage.getByRole('button', { name: 'Join cluster' }).first().click();
  const dialog = ownerPage.getByRole('dialog', { name: 'Join a cluster' });
  await dialog.getByLabel('Name').fill('Prod EU');
  await dialog.getByRole('button', { name: 'Make the join command' }).click();
  await expect(dialog).toContainText('lower-case letters');
  await dialog.getByLabel('Name').fill('taken');
  await dialog.getByRole('button', { name: 'Make the join command' }).click();
  await expect(dialog.getByRole('alert')).toContainText('taken');
});

test('what is done elsewhere appears by itself', async ({ ownerPage, client }) => {
  await new ClustersPage(ownerPage).open();
  await client.cluster.join({ name: 'from-rest' });
  await expect(ownerPage.getByRole('row', { name: /from-rest/ })).toBeVisible();
});

test('a token is shown once, works at its role, and is dead when revoked', async ({
  ownerPage,
  platform,
}) => {
  await new Shell(ownerPage).goTo('Tokens');
  await ownerPage
    .getByRole('button', { name: /create/i })
    .first()
    .click();
  const dialog = ownerPage.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('journey');
  await dialog.getByRole('button', { name: /create/i }).click();
  const secret = await ownerPage
    .getByRole('dialog')
    .getByText(/^ambit_/)
    .first()
    .innerText();
  const call = (method = 'GET', body?: string) =>
    fetch(`${platform.url}/v1/clusters`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      ...(body ? { body } : {}),
    }).then((response) => response.status);
  expect(await call()).toBe(200);
  expect(await call('POST', '{"name":"no"}')).toBe(403);
  await ownerPage
    .getByRole('dialog')
    .getByRole('button', { name: /close|done/i })
    .last()
    .click();
  await ownerPage
    .getByRole('row', { name: /journey/ })
    .getByRole('button', { name: /revoke/i })
    .click();
  await ownerPage
    .getByRole('dialog')
    .getByRole('button', { name: /revoke/i })
    .click();
  await expect(ownerPage.getByRole('row', { name: /journey/ })).toContainText('Revoked');
  expect(await call()).toBe(401);
});

test('everything changed stands in the audit, with who and through which door', async ({
  ownerPage,
  client,
}) => {
  await client.cluster.join({ name: 'audited' });
  await new Shell(ownerPage).goTo('Audit');
  const entry = ownerPage
    .getByRole('list', { name: 'Audit entries' })
    .getByRole('listitem')
    .filter({ hasText: 'cluster.join' });
  await expect(entry.first()).toContainText('rest');
});

test('an invited person joins with a link, and cannot do what the role forbids', async ({
  ownerPage,
  browser,
  client,
  platform,
}) => {
  const { link } = await client.invitation.create({ email: 'eve@example.com', role: 'viewer' });
  const context = await browser.newContext({ baseURL: platform.url });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByLabel('Name').fill('Eve');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: /join/i }).click();
  await expect(page.getByRole('navigation', { name: 'Breadcrumb' })).toBeVisible();
  await page.goto('/clusters');
  const join = page.getByRole('button', { name: 'Join cluster' }).first();
  await expect(join).toHaveAttribute('aria-disabled', 'true');
  await expect(join).toHaveAccessibleDescription(/owner, admin/);
  await context.close();
  await new Shell(ownerPage).goTo('Members');
  await expect(ownerPage.getByRole('row', { name: /^Eve eve@example.com/ })).toContainText(
    'viewer',
  );
});

test('the keyboard alone goes anywhere', async ({ ownerPage }) => {
  const shell = new Shell(ownerPage);
  await shell.command('Releases');
  await expect(ownerPage.getByRole('heading', { level: 1, name: 'Releases' })).toBeVisible();
  await shell.command('Join a cluster');
  await expect(ownerPage.getByRole('dialog', { name: 'Join a cluster' })).toBeVisible();
  await ownerPage.keyboard.press('Escape');
  await expect(ownerPage.getByRole('dialog')).toBeHidden();
});

test('the chosen theme holds after a reload', async ({ ownerPage }) => {
  const shell = new Shell(ownerPage);
  const theme = () => ownerPage.locator('html').getAttribute('data-theme');
  for (const [choice, value] of [
    ['Dark', 'dark'],
    ['Light', 'light'],
  ] as const) {
    await shell.chooseTheme(choice);
    await expect.poll(theme).toBe(value);
    await ownerPage.reload();
    expect(await theme()).toBe(value);
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page is free of barriers and fits at 390 and 1440 px, ${colorScheme}`, async ({
    ownerPage,
  }) => {
    test.slow();
    await ownerPage.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const shell = new Shell(ownerPage);
    for (const label of pages) {
      await ownerPage.setViewportSize({ width: 390, height: 900 });
      await ownerPage.goto(label === 'Home' ? '/' : `/${label.toLowerCase()}`);
      await expect(ownerPage.getByRole('heading', { level: 1 })).toBeVisible();
      for (const width of [390, 1440]) {
        await ownerPage.setViewportSize({ width, height: 900 });
        await test.step(`${label}, ${width} px`, async () => {
          await expectAccessible(ownerPage);
          await expect.poll(() => shell.fitsTheWindow()).toBe(true);
        });
      }
    }
  });
}
