import { readFileSync } from 'node:fs';

/** Memory a process holds in RAM now, in MB (Linux: VmRSS). */
export const memoryMb = (pid: number): number =>
  residentMb(readFileSync(`/proc/${pid}/status`, 'utf8'));

/** VmRSS of the text of /proc/PID/status, in MB. */
export function residentMb(status: string): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error('this is no /proc/PID/status');
  return (Number(kib) * 1024) / 1e6;
}
