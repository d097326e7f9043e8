import { readdirSync, readFileSync } from 'node:fs';

/** Of all processes in the control groups of a pod (Linux: /proc/PID/smaps_rollup, Pss). */
export function proportionalBytes(podUid: string): number {
  let sum = 0;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (!readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(podUid)) continue;
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      sum += Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
    } catch {
      // It ended meanwhile.
    }
  }
  return sum;
}
