import type { TrafficExtension } from '../generated/types.ts';
import { byteLength } from '../shared/json.ts';
import { checkAttachment } from '../shared/selector.ts';
import { checkTrafficSelectors, checkWasm } from '../shared/wasm.ts';
import type { Check } from './subject.ts';

const maxLuaBytes = 65_536;

export const checkTrafficExtension: Check<TrafficExtension> = ({ spec }, report) => {
  const { wasm, lua } = spec;
  if (!wasm && !lua) report.error('spec', 'set wasm or lua');
  checkAttachment(report, 'spec', spec);
  if (lua && !lua.inlineCode) report.error('spec.lua.inlineCode', 'the code is empty');
  if (byteLength(lua?.inlineCode ?? '') > maxLuaBytes) {
    report.error('spec.lua.inlineCode', 'the code is longer than 64 KiB');
  }
  if (wasm) checkWasm(report, 'spec.wasm', wasm);
  checkTrafficSelectors(report, 'spec.match', spec.match);
};
