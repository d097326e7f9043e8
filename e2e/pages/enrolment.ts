import { expect, type Locator, type Page } from '@playwright/test';

/** The page Enrolment of a mesh. */
export class EnrolmentPage {
  private readonly page: Page;
  private readonly meshId: string;

  constructor(page: Page, meshId: string) {
    this.page = page;
    this.meshId = meshId;
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(`/meshes/${this.meshId}/enrolment${query}`);
  }

  row(name: string): Locator {
    return this.page.getByRole('row', { name: new RegExp(name) });
  }

  /** Changes one namespace, and waits on the page of the operation until it has succeeded. */
  async change(namespace: string, mode: RegExp, button: string): Promise<void> {
    await this.page.getByRole('checkbox', { name: `Choose Namespace ${namespace}` }).check();
    await this.page.getByRole('button', { name: 'Change 1 namespace' }).click();
    const dialog = this.page.getByRole('dialog', { name: `Change ${namespace}` });
    await dialog.getByRole('radio', { name: mode }).check();
    await expect(dialog.getByRole('region', { name: 'Preview' })).toContainText('In this order');
    await dialog.getByRole('button', { name: button }).click();
    await this.succeeded();
  }

  async succeeded(): Promise<void> {
    await expect(this.page).toHaveURL(/\/operations\/opr_/);
    const header = this.page
      .locator('header')
      .filter({ has: this.page.getByRole('heading', { level: 1 }) });
    await expect(header.locator('[data-status="succeeded"]')).toBeVisible({ timeout: 120_000 });
  }

  /** What was looked at of the pods of a Service. */
  async evidence(service: string): Promise<Locator> {
    await this.open('?level=service');
    await this.page.getByRole('button', { name: service, exact: true }).click();
    return this.page.getByRole('dialog', { name: `Service ${service}` });
  }
}
