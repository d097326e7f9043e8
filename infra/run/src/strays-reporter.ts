import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestSpecification } from 'vitest/node';

/**
 * Writes to AMBIT_STRAYS_FILE, as JSON, what vitest's own report leaves out: the files in which errors happened outside
 * of every test, and those that did not end (their process died, or never began). An error that tells no file is `null`,
 * unless there is a file that did not end for it.
 */
export default class StraysReporter implements Reporter {
  #open = new Set<string>();

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#open = new Set(specifications.map(({ moduleId }) => moduleId));
  }

  onTestModuleEnd({ moduleId }: TestModule): void {
    this.#open.delete(moduleId);
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const file = process.env['AMBIT_STRAYS_FILE'];
    const paths = errors.map((error) => error['VITEST_TEST_PATH'] as string | undefined);
    const told = paths.filter((path) => path !== undefined);
    const untold = paths.length - told.length - this.#open.size;
    const strays = [...told, ...this.#open, ...Array<null>(Math.max(0, untold)).fill(null)];
    if (file) writeFileSync(file, JSON.stringify(strays));
  }
}
