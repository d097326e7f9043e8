import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Writes the files in which errors happened outside of every test to AMBIT_STRAYS_FILE, as JSON; vitest's own report
 * leaves them out. An error that tells no file (a process that died) is `null`.
 */
export default class StraysReporter implements Reporter {
  onTestRunEnd(_modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const file = process.env['AMBIT_STRAYS_FILE'];
    const paths = errors.map((error) => (error['VITEST_TEST_PATH'] as string | undefined) ?? null);
    if (file) writeFileSync(file, JSON.stringify(paths));
  }
}
