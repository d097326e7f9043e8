import { expect, type Locator, type Page } from '@playwright/test';

/** What is around every page: rail, palette, account. */
export class Shell {
  readonly page: Page;
  readonly main: Locator;

  constructor(page: Page) {
    this.page = page;
    this.main = page.getByRole('main');
  }

  async goTo(label: string): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Main' })
      .getByRole('link', { name: label, exact: true })
      .click();
    await expect(this.page.getByRole('heading', { level: 1 })).toBeVisible();
  }

  async chooseTheme(name: 'Light' | 'Dark' | 'As the system'): Promise<void> {
    await this.page.getByRole('button', { name: /^Account of/ }).click();
    await this.page.getByRole('menuitemradio', { name }).click();
  }

  /** Opens the palette with the keyboard, types and chooses the first answer. */
  async command(text: string): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+k');
    const palette = this.page.getByRole('dialog', { name: 'Search or do' });
    await palette.getByRole('combobox').fill(text);
    await expect(palette.getByRole('option').first()).toContainText(text);
    await this.page.keyboard.press('Enter');
    await expect(palette).toBeHidden();
  }

  /** True when nothing of the page stands out to the right of the window. */
  async fitsTheWindow(): Promise<boolean> {
    return this.page.locator('html').evaluate((html) => html.scrollWidth <= html.clientWidth);
  }
}
