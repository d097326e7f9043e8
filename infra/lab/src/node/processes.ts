import { readFileSync, readdirSync } from 'node:fs';

type ProcessStat = { pid: number; parent: number; startTime: string; state: string };

/** What the kernel says of a process, or undefined when it is gone. `startTime` tells a reused id apart. */
export function processStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name stands in brackets and may itself hold spaces and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, state: fields[0] ?? '', parent: Number(fields[1]), startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

const allPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** The processes, this one excepted, that carry `NAME=value` in their environment. Zombies are not counted. */
export function processesWith(variable: string): number[] {
  return allPids().filter((pid) => {
    if (pid === process.pid || pid === process.ppid || processStat(pid)?.state === 'Z')
      return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable);
    } catch {
      return false;
    }
  });
}

/** The first child of a process, or undefined. */
export function childOf(parent: number): number | undefined {
  return allPids().find((pid) => processStat(pid)?.parent === parent);
}

/** A process's identity as written into a pid file. */
export function formatPid(pid: number): string {
  return `${pid} ${processStat(pid)?.startTime ?? ''}\n`;
}

/** The process a pid file names, or undefined when there is none or another one has its number now. */
export function livingPid(file: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const [pid, startTime] = text.trim().split(' ');
  const stat = processStat(Number(pid));
  return stat && stat.state !== 'Z' && stat.startTime === startTime ? stat.pid : undefined;
}

/** Sends SIGKILL; a process that is gone already is what was wanted. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
