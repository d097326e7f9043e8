/** Times of resident graphs, in milliseconds. */
export interface Pace {
  /** How old the traffic of any part of a mesh may become. */
  everyMs: number;
  /** How often the mesh, its clusters and its sources are looked at again. */
  renewEveryMs: number;
  /** Shortest time between two events of one mesh. */
  tellEveryMs: number;
  /** How long an answer waits for sources that have not answered yet. */
  budgetMs: number;
  /** The same for a moment that is over. */
  pastBudgetMs: number;
}

const usual: Pace = {
  everyMs: 15_000,
  renewEveryMs: 10_000,
  tellEveryMs: 3_000,
  budgetMs: 6_000,
  pastBudgetMs: 20_000,
};

export const paceOf = ({ topology }: { topology?: Partial<Pace> }): Pace => ({
  ...usual,
  ...topology,
});
