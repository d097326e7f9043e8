/** A dashboard as Grafana imports it (grafana.com, "Dashboard JSON model"); only what is used here. */
export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  timezone: 'browser';
  schemaVersion: number;
  version: number;
  editable: boolean;
  refresh: string;
  time: { from: string; to: string };
  templating: { list: Variable[] };
  panels: Panel[];
}

interface Target {
  refId: string;
  expr: string;
  legendFormat?: string;
  instant?: boolean;
  format?: 'table';
}

interface Variable {
  name: string;
  label: string;
  type: 'datasource' | 'query';
  query: string;
  datasource?: typeof source;
  refresh?: number;
  includeAll?: boolean;
  multi?: boolean;
  allValue?: string;
  sort?: number;
  current: Record<string, never>;
}

interface Panel {
  id: number;
  type: 'timeseries' | 'stat' | 'table' | 'row';
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: typeof source;
  targets?: Target[];
  fieldConfig?: { defaults: Record<string, unknown>; overrides: unknown[] };
  options?: Record<string, unknown>;
}

/** The Prometheus that is chosen at the head of the dashboard. */
const source = { type: 'prometheus', uid: '${source}' } as const;

/** Units by Grafana's names. */
type Unit = 'reqps' | 'percentunit' | 'ms' | 's' | 'Bps' | 'bytes' | 'short' | 'cores';

interface Drawn {
  title: string;
  text?: string;
  type?: 'timeseries' | 'stat' | 'table';
  unit: Unit;
  /** Expressions by legend, which may name labels: `{{service}}`. */
  expr: Record<string, string>;
  /** Of 24 columns. */
  width?: number;
}

/** What a counter grows by, a second. */
export const rate = (name: string, matchers = ''): string =>
  `rate(${name}{${matchers}}[$__rate_interval])`;

/** One number; six of them stand in a row. */
export const stat = (title: string, unit: Unit, expr: Drawn['expr'], text = ''): Drawn => ({
  title,
  text,
  type: 'stat',
  unit,
  width: 4,
  expr,
});

export interface Plan {
  uid: string;
  title: string;
  text: string;
  variables: { name: string; label: string; of: string; all?: boolean }[];
  rows: { title: string; panels: Drawn[] }[];
}

const height = { timeseries: 8, stat: 4, table: 8 };
const letters = 'ABCDEFGHIJ';

/** A dashboard out of its plan: rows of panels from left to right, ids and places by order, so that the same plan is the same file. */
export function dashboardOf({ uid, title, text, variables, rows }: Plan): Dashboard {
  const panels: Panel[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      gridPos: { x: 0, y, w: 24, h: 1 },
    });
    y++;
    let x = 0;
    let tallest = 0;
    for (const drawn of row.panels) {
      const { type = 'timeseries', width = 8 } = drawn;
      if (x + width > 24) {
        x = 0;
        y += tallest;
        tallest = 0;
      }
      panels.push(panelOf(drawn, panels.length + 1, { x, y, w: width, h: height[type] }));
      x += width;
      tallest = Math.max(tallest, height[type]);
    }
    y += tallest;
  }
  return {
    uid,
    title,
    description: text,
    tags: ['ambit', 'istio'],
    timezone: 'browser',
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        {
          name: 'source',
          label: 'Prometheus',
          type: 'datasource',
          query: 'prometheus',
          current: {},
        },
        ...variables.map(({ name, label, of, all = false }): Variable => ({
          name,
          label,
          type: 'query',
          query: of,
          datasource: source,
          refresh: 2,
          sort: 1,
          includeAll: all,
          multi: all,
          ...(all ? { allValue: '.*' } : {}),
          current: {},
        })),
      ],
    },
    panels,
  };
}

function panelOf(drawn: Drawn, id: number, gridPos: Panel['gridPos']): Panel {
  const { title, text, type = 'timeseries', unit, expr } = drawn;
  return {
    id,
    type,
    title,
    ...(text ? { description: text } : {}),
    gridPos,
    datasource: source,
    targets: Object.entries(expr).map(([legendFormat, each], at) => ({
      refId: letters[at]!,
      expr: each,
      legendFormat,
      ...(type === 'timeseries' ? {} : { instant: true }),
      ...(type === 'table' ? { format: 'table' as const } : {}),
    })),
    fieldConfig: {
      defaults: { unit, min: 0, ...(unit === 'percentunit' ? { max: 1 } : {}) },
      overrides: [],
    },
    options:
      type === 'timeseries'
        ? { tooltip: { mode: 'multi', sort: 'desc' }, legend: { displayMode: 'list' } }
        : type === 'stat'
          ? { colorMode: 'none', reduceOptions: { calcs: ['lastNotNull'] } }
          : {},
  };
}
