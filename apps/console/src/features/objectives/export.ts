interface Exported {
  id: string;
  subject: { kind: string };
}

/** How many are asked for at once: as many as travel in one request. */
const atOnce = 8;

/**
 * The objectives of services as one file with a PrometheusRule each. Those of workloads have no such rules.
 * @param rulesOf throws what asking threw: half a file would be silence about the rest
 * @returns the documents of YAML, and how many objectives have none
 */
export async function exportRules(
  objectives: readonly Exported[],
  rulesOf: (objectiveId: string) => Promise<string>,
): Promise<{ yaml: string; exported: number; leftOut: number }> {
  const ids = objectives.filter(({ subject }) => subject.kind === 'service').map(({ id }) => id);
  const documents: string[] = [];
  for (let at = 0; at < ids.length; at += atOnce) {
    // oxlint-disable-next-line no-await-in-loop -- not hundreds of requests at a time
    documents.push(...(await Promise.all(ids.slice(at, at + atOnce).map(rulesOf))));
  }
  return {
    yaml: documents.map((text) => `${text.trimEnd()}\n`).join('---\n'),
    exported: ids.length,
    leftOut: objectives.length - ids.length,
  };
}
