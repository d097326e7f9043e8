/** Something that can be read: a bucket of an index, a derived value, the clock. */
export type Cell = {
  version: number;
  readers: Set<Reader> | undefined;
  /** Set on derived cells: what brings the value up to date. */
  refresh?: () => void;
  /** Set on derived cells: called when nobody reads it any more. */
  release?: () => void;
};

/** Something that reads cells: a check of one subject, or a derived cell. */
export type Reader = {
  cells: Cell[];
  /** The versions of `cells` when they were read. */
  seen: number[];
  isStale: boolean;
  /** The cell that depends on this reader, when it is a derived one. */
  cell: Cell | undefined;
};

export function createReader(cell?: Cell): Reader {
  return { cells: [], seen: [], isStale: false, cell };
}

/** Notes which cells a computation reads. Computations nest: a check asks for a derived value. */
export type Tracker = {
  /** Notes that the running computation read the cell. */
  read: (cell: Cell) => void;
  /** Runs the computation as `reader`, which afterwards depends on exactly what it read. */
  run: <T>(reader: Reader, compute: () => T) => T;
};

export function createTracker(): Tracker {
  let current: Reader | undefined;
  return {
    read: (cell) => {
      if (current !== undefined && current.cells.at(-1) !== cell) current.cells.push(cell);
    },
    run: (reader, compute) => {
      const before = reader.cells;
      reader.cells = [];
      const outer = current;
      current = reader;
      try {
        return compute();
      } finally {
        current = outer;
        attach(reader);
        detach(reader, before);
        reader.isStale = false;
      }
    },
  };
}

function attach(reader: Reader): void {
  reader.seen = reader.cells.map((cell) => cell.version);
  for (const cell of reader.cells) (cell.readers ??= new Set()).add(reader);
}

/** Takes the reader off cells that it no longer reads; a derived cell without readers goes too. */
export function detach(reader: Reader, cells: Cell[]): void {
  const kept = new Set(reader.cells);
  for (const cell of cells) {
    if (kept.has(cell)) continue;
    cell.readers?.delete(reader);
    if (cell.readers?.size === 0) cell.release?.();
  }
}

/**
 * Marks whatever depends on the cells; gives the readers that are no derived cells. Derived cells are brought up to
 * date on the way, so that what reads one whose value stays is left alone: a value that thousands of checks read
 * ("are there pods at all?") costs them nothing when it does not change.
 */
export function markStale(cells: Iterable<Cell>): Reader[] {
  const found: Reader[] = [];
  const queue = [...cells];
  for (let cell = queue.pop(); cell !== undefined; cell = queue.pop()) {
    for (const reader of cell.readers ?? []) {
      if (reader.isStale) continue;
      reader.isStale = true;
      if (reader.cell) {
        const { version } = reader.cell;
        reader.cell.refresh?.();
        if (reader.cell.version !== version) queue.push(reader.cell);
      } else found.push(reader);
    }
  }
  return found;
}

/** Whether something that the reader read is different now; brings derived cells that it read up to date. */
export function hasChanged(reader: Reader): boolean {
  for (const [index, cell] of reader.cells.entries()) {
    cell.refresh?.();
    if (cell.version !== reader.seen[index]) return true;
  }
  return false;
}
