import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take more than some seconds on a quiet machine, the longest of each project first. */
const long = [
  'sandbox/src/waypoint-kills',
  'release/renderer',
  'sources/plain-yaml',
  'clients/go.clients',
  'clients/kubectl.clients',
  'sandbox/src/agent',
  'decide/decide',
  'sandbox/src/sandbox',
  'lifecycle/killed.integration',
  'api/src/main.integration',
  'embedded/start.integration',
  'lifecycle/lifecycle.integration',
  'kube/kube.integration',
  'agent/agent.bed.integration',
  'agent/reads.integration',
  'alert/alert.integration',
  'admission/admission.bed.integration',
  'bundle/bundle.bed.integration',
  'agent/objects.integration',
  'jobs/worker.integration',
  'kube/killed.integration',
  'mesh/mesh.integration',
];

const rank = ({ moduleId }: TestSpecification): number => {
  const found = long.findIndex((part) => moduleId.includes(part));
  return found < 0 ? long.length : found;
};

/**
 * vitest begins with the largest files where it has no times of an earlier run, as in a new checkout; a long one that is
 * begun last keeps all other processors waiting.
 */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
