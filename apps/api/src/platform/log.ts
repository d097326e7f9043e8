import { pino, stdTimeFunctions, type Logger } from 'pino';
import type { LogLevel } from './config.ts';

export type Log = Logger;

/** JSON lines on standard output; secrets that could stand in a logged request are taken out. */
export function openLog(role: string, level: LogLevel): Log {
  return pino({
    level,
    base: { role, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    redact: ['*.headers.authorization', '*.headers.cookie', '*.password', '*.secret', '*.token'],
  });
}
