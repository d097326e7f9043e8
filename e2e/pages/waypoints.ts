import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { EnrolmentPage } from './enrolment.ts';

/** The pages of a mesh's waypoints. */
export class WaypointsPage {
  private readonly page: Page;
  private readonly meshId: string;

  constructor(page: Page, meshId: string) {
    this.page = page;
    this.meshId = meshId;
  }

  async open(): Promise<void> {
    await this.page.goto(`/meshes/${this.meshId}/waypoints`);
  }

  /** Asks for one, and stays on its page until it is Programmed and Ready. */
  async create(namespace: string, name: string): Promise<void> {
    await this.open();
    await this.page.getByRole('button', { name: 'New waypoint' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'New waypoint' });
    await dialog.getByLabel('Namespace', { exact: true }).fill(namespace);
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    await expectAccessible(this.page);
    await dialog.getByRole('button', { name: 'Ask for it' }).click();
    await expect(this.page.getByRole('heading', { name: `${namespace}/${name}` })).toBeVisible();
    await expect(this.page.getByRole('list', { name: 'Steps' })).toContainText(
      'istiod has given it an address',
      { timeout: 120_000 },
    );
    await expect(this.page.locator('h2').locator('[data-status="Ready"]')).toBeVisible({
      timeout: 120_000,
    });
  }

  /** Releases one that a Service uses: what that does is shown first, L4 stays, and it can come back. */
  async release(namespace: string, name: string, service: string): Promise<void> {
    const text = `${namespace}/${name}`;
    await this.open();
    await this.page.getByRole('link', { name: text, exact: true }).click();
    await expect(this.page.getByRole('list', { name: 'Used by' })).toContainText(
      `Service ${namespace}/${service}`,
    );
    await expectAccessible(this.page);
    await this.page.getByRole('button', { name: 'Release', exact: true }).click();
    const dialog = this.page.getByRole('dialog', { name: `Release ${text}?` });
    await expect(dialog.getByRole('region', { name: 'Preview' })).toContainText('In this order');
    await expectAccessible(this.page);
    await dialog.getByRole('button', { name: 'Release it' }).click();
    await new EnrolmentPage(this.page, this.meshId).succeeded();
    await this.open();
    await expect(this.page.getByRole('list', { name: 'Released waypoints' })).toContainText(text);
  }
}
