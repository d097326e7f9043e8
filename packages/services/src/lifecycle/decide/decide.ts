import type { LifecycleType } from '@ambit/contracts/lifecycle';
import type { Decision } from '../decision.ts';
import { decideBy, type Plan } from '../plan.ts';
import type { View } from '../view.ts';
import { createPlan } from './create.ts';
import { deletePlan } from './delete.ts';
import { changeEnrolmentPlan } from './change-enrolment.ts';
import { repairPlan } from './repair.ts';
import { reportPlan } from './report.ts';
import { updatePlan } from './update.ts';
import { upgradePlan } from './upgrade.ts';
import { wakePlan } from './wake-waypoint.ts';

const plans: Record<LifecycleType, Plan> = {
  'mesh.create': createPlan,
  'mesh.update': updatePlan,
  'mesh.upgrade': upgradePlan,
  'enrolment.change': changeEnrolmentPlan,
  'enrolment.repair': repairPlan,
  'waypoint.wake': wakePlan,
  'mesh.report': reportPlan,
  'mesh.delete': deletePlan,
};

/** What is to be done about an operation now. Pure. */
export const decide = (view: View): Decision => decideBy(plans[view.operation.type], view);
