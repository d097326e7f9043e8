import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import {
  endLaunch,
  launchPlatform,
  newHome,
  processesOf,
  readAdmin,
} from '@ambit/run/testing/launcher';
import { root } from '@ambit/run/root';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { figure, quantile, type Figure } from '../figure.ts';
import { memoryMb } from './memory.ts';

const settleMs = 15_000;
const simulatedAgents = 1_000;

/** Starts after the first, and what server and worker hold: idle, and with a thousand agents connected. */
export async function measureStartAndMemory(say: (line: string) => void): Promise<Figure[]> {
  const home = newHome();
  const start = () => launchPlatform({ AMBIT_HOME: home, AMBIT_PORT: '0' });
  const secondStarts: number[] = [];
  let launch = start();
  try {
    await launch.ready;
    for (let i = 0; i < 3; i++) {
      await endLaunch(launch);
      launch = start();
      secondStarts.push((await launch.ready) / 1000);
      say(`start: ${secondStarts.at(-1)!.toFixed(1)} s`);
    }
    const memoryOf = (name: string): number =>
      memoryMb(processesOf(home).find((each) => each.name === name)!.pid);
    await pause(settleMs);
    const idle = { server: memoryOf('server'), worker: memoryOf('worker') };
    say(`idle: server ${idle.server.toFixed(0)} MB, worker ${idle.worker.toFixed(0)} MB`);
    const { url, token } = readAdmin(home);
    const swarm = await connectSwarm(url, token, say);
    await pause(settleMs);
    const busy = { server: memoryOf('server'), worker: memoryOf('worker') };
    await swarm.stop();
    return [
      figure('second_start_s', quantile(secondStarts, 0.5), 's'),
      figure('api_idle_memory_mb', idle.server, 'MB'),
      figure('worker_idle_memory_mb', idle.worker, 'MB'),
      figure('agents_1000_memory_mb', busy.server + busy.worker, 'MB'),
      figure('agents_1000_api_memory_mb', busy.server, 'MB'),
      figure('agents_1000_connect_s', swarm.connectedAfterS, 's'),
    ];
  } finally {
    await endLaunch(launch);
    rmSync(home, { recursive: true, force: true });
  }
}

/** Connects simulated agents (the real link, no cluster behind it) and waits until all of them follow. */
async function connectSwarm(url: string, token: string, say: (line: string) => void) {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      'apps/agent/src/testing/swarm.ts',
      '--url',
      url,
      '--token',
      token,
      '--count',
      String(simulatedAgents),
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const now = JSON.parse(line) as { following: number; errors: number; lastError: string | null };
    if (now.following >= simulatedAgents) break;
    if (now.errors >= 100) throw new Error(`the agents meet errors: ${now.lastError}`);
  }
  child.stdout.resume();
  const connectedAfterS = (performance.now() - began) / 1000;
  say(`${simulatedAgents} simulated agents are connected after ${connectedAfterS.toFixed(1)} s`);
  return {
    connectedAfterS,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Processes of a pattern inside the lab's node, as /proc/PID/status texts. */
export const statusInside = (
  command: (args: string[]) => Promise<string>,
  pattern: string,
): Promise<string> =>
  command(['exec', '--', 'sh', '-c', `cat /proc/$(pgrep -o -f ${pattern})/status`]);
