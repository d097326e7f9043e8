import type { PeerAuthentication } from '../generated/types.ts';
import { child } from '../path.ts';
import { portProblem } from '../shared/port.ts';
import { checkSelector } from '../shared/selector.ts';
import type { Check } from './subject.ts';

export const checkPeerAuthentication: Check<PeerAuthentication> = ({ spec }, report) => {
  const { selector, portLevelMtls } = spec;
  if (portLevelMtls?.size && !selector?.matchLabels?.size) {
    report.error('spec.portLevelMtls', 'settings of single ports need a selector with labels');
  }
  if (portLevelMtls?.size === 0) report.error('spec.portLevelMtls', 'name at least one port');
  for (const port of portLevelMtls?.keys() ?? []) {
    report.need(child('spec.portLevelMtls', port), portProblem(Number(port)));
  }
  checkSelector(report, 'spec.selector', selector);
};
