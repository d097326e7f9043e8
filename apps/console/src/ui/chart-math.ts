/** A round number at or above the largest value; the axis begins at 0 and ends there. */
export function topOf(values: readonly (number | null)[]): number {
  const most = values.reduce<number>((all, value) => Math.max(all, value ?? 0), 0);
  if (!(most > 0)) return 1;
  const size = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 2.5, 5, 10].find((each) => each * size >= most) ?? 10;
  return step * size;
}

/** An SVG path through the values, broken where there is none; a lone point is a short line. */
export function linePath(
  values: readonly (number | null)[],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let isOpen = false;
  values.forEach((value, at) => {
    if (value === null) {
      isOpen = false;
      return;
    }
    const [px, py] = [round(x(at)), round(y(value))];
    const isAlone = !isOpen && (values[at + 1] ?? null) === null;
    path += isAlone ? `M${round(px - 1)} ${py}h2` : `${isOpen ? 'L' : 'M'}${px} ${py}`;
    isOpen = !isAlone;
  });
  return path;
}

/** Stretches of the time without any value, as first and last index. */
export function gapsOf(series: readonly (readonly (number | null)[])[]): [number, number][] {
  const count = Math.max(0, ...series.map(({ length }) => length));
  const gaps: [number, number][] = [];
  for (let at = 0; at < count; at++) {
    if (series.some((values) => (values[at] ?? null) !== null)) continue;
    const last = gaps.at(-1);
    if (last && last[1] === at - 1) last[1] = at;
    else gaps.push([at, at]);
  }
  return gaps;
}

const round = (value: number): number => Math.round(value * 10) / 10;
