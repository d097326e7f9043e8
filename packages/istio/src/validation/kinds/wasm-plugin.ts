import type { WasmPlugin } from '../generated/types.ts';
import { checkAttachment } from '../shared/selector.ts';
import { checkTrafficSelectors, checkWasm } from '../shared/wasm.ts';
import type { Check } from './subject.ts';

export const checkWasmPlugin: Check<WasmPlugin> = ({ spec }, report) => {
  checkAttachment(report, 'spec', spec);
  checkWasm(report, 'spec', spec);
  checkTrafficSelectors(report, 'spec.match', spec.match);
};
