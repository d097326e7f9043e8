import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase } from 'vitest/node';

/** Writes the names of tests that passed only when they were tried again to AMBIT_RETRIED_FILE, as JSON. */
export default class RetriedReporter implements Reporter {
  #names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky) this.#names.push(test.fullName);
  }

  onTestRunEnd(): void {
    const file = process.env['AMBIT_RETRIED_FILE'];
    if (file) writeFileSync(file, JSON.stringify(this.#names));
  }
}
