import type { Implementation } from '../kernel/implement.ts';
import { getProxyConfig } from './config.ts';
import { listProxies } from './list.ts';
import { getEvents, getProxyLogs } from './logs.ts';

export const proxyImplementations: Implementation[] = [
  listProxies,
  getProxyConfig,
  getProxyLogs,
  getEvents,
];
