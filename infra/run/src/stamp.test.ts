import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from './root.ts';
import { hashOf } from './stamp.ts';

let folder: string;
beforeEach(() => {
  mkdirSync(join(root, 'node_modules', '.ambit'), { recursive: true });
  // `node_modules` is left out below a source, not above it.
  folder = mkdtempSync(join(root, 'node_modules', '.ambit', 'stamp-'));
  write('page.tsx', 'one');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}
const hash = () => hashOf([relative(root, folder)]);

test.each(['page.tsx', 'src/new.ts', 'styles.css'])('a change of %s is a change', (name) => {
  const before = hash();
  write(name, 'two');
  expect(hash()).not.toBe(before);
});

test.each([
  'next-env.d.ts',
  'tsconfig.tsbuildinfo',
  'page.test.tsx',
  'testing/fake.ts',
  '.next/BUILD_ID',
  'node_modules/x/index.js',
])('%s, which a build, a check or a test leaves there, is none', (name) => {
  const before = hash();
  write(name, 'two');
  expect(hash()).toBe(before);
});
