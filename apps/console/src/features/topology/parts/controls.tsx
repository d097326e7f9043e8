'use client';

import type { Graph } from '@ambit/topology/model';
import { Download, Keyboard, Settings2, Table2, Waypoints } from 'lucide-react';
import type { inferParserType } from 'nuqs/server';
import type { ReactNode, RefObject } from 'react';
import { cn } from '@/lib/cn.ts';
import { IconButton } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Menu, MenuCheck, MenuItem } from '@/ui/menu.tsx';
import { boxings, groupings, modes, type urlState } from '../model/url-state.ts';
import type { GraphInput } from '../model/graph-input.ts';
import { FindBox } from './find-box.tsx';
import { WhereBox } from './where-box.tsx';

type Url = inferParserType<typeof urlState>;

interface Props {
  url: Url;
  setUrl: (next: Partial<Url>) => void;
  graph: Graph;
  shown: Graph;
  problem: { message: string } | null;
  finder: RefObject<HTMLInputElement | null>;
  onFound: (id: string) => void;
  onExport: (kind: 'png' | 'svg' | 'json') => void;
  onKeys: () => void;
  input: GraphInput;
}

const groupWords: Record<Url['group'], string> = {
  workload: 'Workloads',
  service: 'Services',
  app: 'Apps',
  version: 'Versions',
  namespace: 'Namespaces',
  cluster: 'Clusters',
};
const boxWords: Record<Url['box'], string> = {
  namespace: 'by namespace',
  cluster: 'by cluster',
  app: 'by app',
  none: 'ungrouped',
};
const modeWords: Record<Url['mode'], string> = {
  errors: 'Errors',
  rate: 'Rate',
  latency: 'Latency',
  security: 'Security',
  enrolment: 'Enrolment',
  versions: 'Versions',
  cost: 'Cost',
};

/** Everything that chooses what is shown, and how. */
export function Controls(props: Props) {
  const { url, setUrl, graph, shown } = props;
  return (
    <div className="flex flex-wrap items-start gap-2">
      <FindBox nodes={shown.nodes} input={props.finder} onFound={props.onFound} />
      <WhereBox
        value={url.where}
        graph={graph}
        problem={props.problem}
        onChange={(where) => setUrl({ where })}
      />
      <Choice
        label="Nodes are"
        value={url.group}
        options={groupings}
        words={groupWords}
        onChange={(group) => setUrl({ group, sel: '', focus: '' })}
      />
      <Choice
        label="Boxes"
        value={url.box}
        options={boxings}
        words={boxWords}
        onChange={(box) => setUrl({ box })}
      />
      <Choice
        label="Colours show"
        value={url.mode}
        options={modes}
        words={modeWords}
        onChange={(mode) => setUrl({ mode })}
      />
      <div className="flex items-center gap-1 max-sm:ml-auto">
        <div role="group" aria-label="Show as" className="flex rounded-md border border-control">
          <Toggle
            label="Graph"
            isOn={url.show === 'graph'}
            onPress={() => setUrl({ show: 'graph' })}
          >
            <Waypoints size={14} aria-hidden="true" />
          </Toggle>
          <Toggle
            label="Table"
            isOn={url.show === 'table'}
            onPress={() => setUrl({ show: 'table' })}
          >
            <Table2 size={14} aria-hidden="true" />
          </Toggle>
        </div>
        <Menu
          trigger={
            <IconButton label="What is shown">
              <Settings2 size={15} aria-hidden="true" />
            </IconButton>
          }
        >
          <MenuCheck checked={url.idle} onChange={(idle) => setUrl({ idle })}>
            Edges without traffic now
          </MenuCheck>
          <MenuCheck checked={url.unfolded} onChange={(unfolded) => setUrl({ unfolded })}>
            Hops through ztunnel and waypoints
          </MenuCheck>
          <MenuCheck checked={url.services} onChange={(services) => setUrl({ services })}>
            Services between workloads
          </MenuCheck>
          <MenuCheck checked={url.marks} onChange={(marks) => setUrl({ marks })}>
            Policies that act on edges
          </MenuCheck>
          <MenuCheck checked={url.flow} onChange={(flow) => setUrl({ flow })}>
            Moving traffic
          </MenuCheck>
        </Menu>
        <Menu
          trigger={
            <IconButton label="Export the graph">
              <Download size={15} aria-hidden="true" />
            </IconButton>
          }
        >
          <MenuItem onSelect={() => props.onExport('png')}>Picture (PNG)</MenuItem>
          <MenuItem onSelect={() => props.onExport('svg')}>Picture (SVG)</MenuItem>
          <MenuItem onSelect={() => props.onExport('json')}>Data (JSON)</MenuItem>
        </Menu>
        <IconButton label="Keys" onClick={props.onKeys} className="max-sm:hidden">
          <Keyboard size={15} aria-hidden="true" />
        </IconButton>
        <span className="max-sm:hidden">
          <CopyAs verb="topology.get" input={{ ...props.input }} />
        </span>
      </div>
    </div>
  );
}

function Choice<T extends string>(props: {
  label: string;
  value: T;
  options: readonly T[];
  words: Record<T, string>;
  onChange: (value: T) => void;
}) {
  return (
    <select
      aria-label={props.label}
      title={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.target.value as T)}
      className="h-8 shrink-0 rounded-md border border-control bg-surface px-2 text-sm text-ink hover:border-ink-3"
    >
      {props.options.map((option) => (
        <option key={option} value={option}>
          {props.words[option]}
        </option>
      ))}
    </select>
  );
}

function Toggle(props: { label: string; isOn: boolean; onPress: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={props.isOn}
      onClick={props.onPress}
      className={cn(
        'inline-flex h-[30px] items-center gap-1.5 px-2 text-sm first:rounded-l-md last:rounded-r-md',
        props.isOn ? 'bg-hover font-medium text-ink' : 'text-ink-2 hover:text-ink',
      )}
    >
      {props.children}
      {props.label}
    </button>
  );
}
