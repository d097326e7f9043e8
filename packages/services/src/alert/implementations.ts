import type { Implementation } from '../kernel/implement.ts';
import { acknowledgeAlert, releaseAlert } from './alert-acknowledge.ts';
import { getAlert } from './alert-get.ts';
import { listAlerts } from './alert-list.ts';
import { listAlertDeliveries, retryAlertDelivery } from './deliveries.ts';
import {
  createAlertRoute,
  deleteAlertRoute,
  listAlertRoutes,
  testAlertRoute,
  updateAlertRoute,
} from './routes.ts';
import { createAlertRule, deleteAlertRule, listAlertRules, updateAlertRule } from './rules.ts';
import { createSilence, expireSilence, listSilences } from './silences.ts';

export const alertImplementations: Implementation[] = [
  listAlerts,
  getAlert,
  acknowledgeAlert,
  releaseAlert,
  listAlertRules,
  createAlertRule,
  updateAlertRule,
  deleteAlertRule,
  listSilences,
  createSilence,
  expireSilence,
  listAlertRoutes,
  createAlertRoute,
  updateAlertRoute,
  deleteAlertRoute,
  testAlertRoute,
  listAlertDeliveries,
  retryAlertDelivery,
];
