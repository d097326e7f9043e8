import { expect, type Locator, type Page } from '@playwright/test';

export class MeshPages {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Fills the form and creates; ends on the page of the operation. */
  async create(mesh: { name: string; release: string; cluster: string }): Promise<OperationPage> {
    await this.page.goto('/meshes/new');
    await this.page.getByLabel('Name', { exact: true }).fill(mesh.name);
    await this.page.getByRole('radio', { name: /^Sidecar/ }).check();
    const release = this.page.getByLabel('Release');
    const option = release.locator('option').filter({ hasText: mesh.release }).first();
    await release.selectOption(await option.getAttribute('value'));
    await this.page.getByRole('checkbox', { name: mesh.cluster }).check();
    await this.page.getByRole('button', { name: 'Create mesh' }).click();
    return this.operation();
  }

  async operation(): Promise<OperationPage> {
    await expect(this.page).toHaveURL(/\/operations\/opr_/);
    return new OperationPage(this.page);
  }

  async open(name: string, tab: 'Overview' | 'Workloads' | 'Policies' | 'Settings'): Promise<void> {
    await this.page.goto('/meshes');
    await this.page.getByRole('main').getByRole('link', { name, exact: true }).click();
    await this.page
      .getByRole('navigation', { name: 'Mesh' })
      .getByRole('link', { name: new RegExp(`^${tab}`) })
      .click();
  }

  async enrol(mesh: string, namespace: string): Promise<OperationPage> {
    await this.open(mesh, 'Workloads');
    await this.page.getByRole('button', { name: `Enrol ${namespace}` }).click();
    const dialog = this.page.getByRole('dialog', { name: `Change ${namespace}` });
    await expect(dialog.getByRole('radio', { name: /^Sidecar/ })).toBeChecked();
    await expect(dialog.getByRole('region', { name: 'Preview' })).toContainText('In this order');
    await dialog.getByRole('button', { name: 'Change to sidecar' }).click();
    return this.operation();
  }

  /** Writes a policy in the editor and stores it. */
  async storePolicy(mesh: string, yaml: string): Promise<void> {
    await this.open(mesh, 'Policies');
    await this.page.getByRole('main').getByRole('link', { name: 'New policy' }).first().click();
    await this.write(yaml);
    await this.page.getByRole('button', { name: 'Store policy' }).click();
    await expect(this.page).toHaveURL(/\/policies\/pol_/);
  }

  /** Replaces the text of the policy that is open, and saves it. */
  async changePolicy(yaml: string): Promise<void> {
    await this.write(yaml);
    const stored = this.page.waitForResponse(/policy\.update/);
    await this.page.getByRole('button', { name: 'Save' }).click();
    expect((await stored).ok()).toBe(true);
    await expect(this.page.getByText(/Version \d+ stored/).first()).toBeVisible();
  }

  private async write(yaml: string): Promise<void> {
    const editor = this.page.getByRole('textbox', { name: 'Policy YAML' });
    await editor.fill(yaml);
    await expect(this.page.getByRole('main').getByRole('status')).toContainText(
      /would be|stored like this/,
    );
  }

  async upgrade(
    mesh: string,
    release: string,
    readyTimeoutSeconds?: number,
  ): Promise<OperationPage> {
    await this.open(mesh, 'Settings');
    await this.page.getByLabel('Release').selectOption(release);
    if (readyTimeoutSeconds !== undefined) {
      await this.page.getByLabel(/^Time to become Ready/).fill(String(readyTimeoutSeconds));
    }
    await this.page.getByRole('button', { name: `Upgrade to ${release}` }).click();
    return this.operation();
  }

  /** Opens the dialog of deletion. */
  async askToDelete(mesh: string): Promise<Locator> {
    await this.open(mesh, 'Settings');
    await this.page.getByRole('button', { name: 'Delete mesh' }).click();
    return this.page.getByRole('dialog', { name: `Delete ${mesh}?` });
  }
}

/** The live page of a lifecycle change. */
export class OperationPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get id(): string {
    return /opr_\w+/.exec(this.page.url())![0];
  }

  step(title: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: title }).first();
  }

  /** Waits, without a reload, until the page says how it ended. */
  async ends(outcome: 'Succeeded' | 'Failed' | 'Cancelled', withinMs: number): Promise<void> {
    const state = this.page
      .getByRole('main')
      .getByText(/^(Pending|Running|Cancelling|Succeeded|Failed|Cancelled)$/)
      .first();
    await expect(state).toHaveText(/Succeeded|Failed|Cancelled/, { timeout: withinMs });
    await expect(state).toHaveText(outcome);
  }
}
