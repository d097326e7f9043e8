import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ztunnelBinary } from './ztunnel-binary.ts';

const folder = mkdtempSync(join(tmpdir(), 'ambit-ztunnel-'));
afterAll(() => rmSync(folder, { recursive: true }));
const of = (path: string, arch = 'x64') => ztunnelBinary({ AMBIT_LAB_ZTUNNEL: path }, arch);

/** The head of an ELF file for a processor. */
function program(name: string, machine: number): string {
  const bytes = Buffer.alloc(64);
  bytes.write('\x7fELF', 'latin1');
  bytes.writeUInt16LE(machine, 18);
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

test('a program for this machine is taken, also by a relative path; without the variable there is none', () => {
  const file = program('ztunnel', 0x3e);
  expect(of(file)).toBe(file);
  expect(of(relative(process.cwd(), file))).toBe(file);
  expect(ztunnelBinary({})).toBeUndefined();
  expect(of('')).toBeUndefined();
});

test('what cannot be one is refused before a lab is made of it, with what is needed', () => {
  const script = join(folder, 'script');
  writeFileSync(script, '#!/bin/sh\nexec ztunnel "$@"\n');
  const empty = join(folder, 'empty');
  writeFileSync(empty, '');
  expect(() => of(join(folder, 'none'))).toThrow('which does not exist');
  expect(() => of(folder)).toThrow('which is not a file');
  expect(() => of(script)).toThrow('which is no program for Linux (ELF)');
  expect(() => of(empty)).toThrow('which is no program for Linux (ELF)');
  expect(() => of(program('arm', 0xb7))).toThrow('built for another processor than x64');
});
