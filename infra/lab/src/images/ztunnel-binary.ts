import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LabError } from '../lab-error.ts';

/** `e_machine` of an ELF file (elf(5)), by Node's name of the architecture. */
const machines: Record<string, number> = { x64: 0x3e, arm64: 0xb7 };
const whatToDo =
  "Give the path of a ztunnel program built for Linux on this machine's architecture, or unset the variable for the " +
  "lab's stand-in.";

/**
 * The absolute path of the ztunnel program that AMBIT_LAB_ZTUNNEL names; undefined: none is named, the lab's stand-in is
 * taken. It is looked at before a lab is made of it, not run.
 * @throws LabError when it cannot be one
 */
export function ztunnelBinary(
  env: Record<string, string | undefined> = process.env,
  arch: string = process.arch,
): string | undefined {
  const named = env['AMBIT_LAB_ZTUNNEL'];
  if (!named) return undefined;
  const file = resolve(named);
  const problem = problemOf(file, arch);
  if (problem === null) return file;
  throw new LabError(`AMBIT_LAB_ZTUNNEL names ${named}, ${problem}.`, whatToDo);
}

function problemOf(file: string, arch: string): string | null {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) return 'which does not exist';
  if (!found.isFile()) return 'which is not a file';
  const head = Buffer.alloc(20);
  const opened = openSync(file, 'r');
  try {
    readSync(opened, head, 0, head.length, 0);
  } finally {
    closeSync(opened);
  }
  if (head.readUInt32BE(0) !== 0x7f454c46) return 'which is no program for Linux (ELF)';
  const machine = head.readUInt16LE(18);
  return machine === machines[arch] ? null : `which is built for another processor than ${arch}`;
}
