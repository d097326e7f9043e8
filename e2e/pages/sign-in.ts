import { expect, type Page } from '@playwright/test';

export class SignInPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async submit(email: string, password: string): Promise<void> {
    await this.page.getByLabel('Email').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Signs in and waits for the console's frame. */
  async signIn(email: string, password: string): Promise<void> {
    await this.page.goto('/sign-in');
    await this.submit(email, password);
    await expect(this.page.getByRole('navigation', { name: 'Breadcrumb' })).toBeVisible();
  }
}
