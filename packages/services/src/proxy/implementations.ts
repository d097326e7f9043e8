import type { Implementation } from '../kernel/implement.ts';
import { getProxyCertificates } from './certificates.ts';
import { getProxyConfig } from './config.ts';
import { listProxies } from './list.ts';
import { getEvents, getProxyLogs, getProxyRequests } from './logs.ts';

export const proxyImplementations: Implementation[] = [
  listProxies,
  getProxyConfig,
  getProxyLogs,
  getProxyRequests,
  getProxyCertificates,
  getEvents,
];
