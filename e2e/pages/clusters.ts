import { expect, type Locator, type Page } from '@playwright/test';

export class ClustersPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(): Promise<void> {
    await this.page.goto('/clusters');
    await expect(this.page.getByRole('heading', { level: 1, name: 'Clusters' })).toBeVisible();
  }

  /** Goes through the join dialog. Gives the dialog, and the command it shows. */
  async join(name: string): Promise<{ dialog: Locator; command: string }> {
    await this.page.getByRole('button', { name: 'Join cluster' }).first().click();
    const naming = this.page.getByRole('dialog', { name: 'Join a cluster' });
    await naming.getByLabel('Name').fill(name);
    await naming.getByRole('button', { name: 'Make the join command' }).click();
    const dialog = this.page.getByRole('dialog', { name: `Join ${name}` });
    const command = await dialog.getByLabel('kubectl join command', { exact: true }).innerText();
    return { dialog, command };
  }
}
