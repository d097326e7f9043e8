import type { ProxyConfig } from '../generated/types.ts';
import { checkSelector } from '../shared/selector.ts';
import type { Check } from './subject.ts';

export const checkProxyConfig: Check<ProxyConfig> = ({ spec }, report) => {
  checkSelector(report, 'spec.selector', spec.selector);
  if ((spec.concurrency ?? 0) < 0) {
    report.error('spec.concurrency', `${spec.concurrency} is negative; 0 means one thread a core`);
  }
};
