import { expect, it } from 'vitest';
import { writtenWith } from './writer.ts';

it.each([
  ['console', '', 'console'],
  ['rest', '', 'REST'],
  ['kubectl', 'kubectl-client-side-apply', 'kubectl'],
  ['kubectl', 'helm', 'Helm'],
  ['kubectl', 'argocd-controller', 'Argo CD'],
  ['kubectl', 'kustomize-controller', 'Flux'],
  ['kubectl', 'my-operator', 'my-operator'],
  ['kubectl', '', 'kubectl'],
])('a write through %s by %s was made with %s', (door, manager, words) => {
  expect(writtenWith({ door, manager })).toBe(words);
});
