import type { KubeObject } from '@ambit/contracts/common';
import { accessObjects } from './access.ts';
import { istioDefinitions } from './definitions.ts';
import { settingsOf } from './settings.ts';
import { webhookObjects } from './webhooks.ts';
import { workloadObjects } from './workloads.ts';

/**
 * A sandbox release as objects: the same kinds and names as a release of Istio installs, made by this generator and
 * labelled as a simulation. Only a sandbox brings them to life.
 * @param operator what an istioctl would be told (packages/istio, installerInput)
 */
export function renderSandboxRelease(version: string, operator: KubeObject): KubeObject[] {
  const settings = settingsOf(version, operator);
  return [
    ...istioDefinitions(version),
    ...accessObjects(settings),
    ...workloadObjects(settings),
    ...webhookObjects(settings),
  ];
}
