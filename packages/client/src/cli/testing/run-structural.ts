// node run-structural.ts URL TOKEN [COUNT] [SEED] [SHOW] [--gateway-api]: compares the CRD layer with a real kube-apiserver.
import * as fc from 'fast-check';
import { builtInCrds } from '@ambit/istio/validation/crd/built-in';
import { documents } from '@ambit/istio/validation/testing/documents';
import { sweptDocuments } from '@ambit/istio/validation/testing/sweeps';
import { validate } from '@ambit/istio/validation/validate';
import { structuralCheck } from '../structural.ts';
import { gatewayDocuments } from './gateway-documents.ts';
import { connect } from './kube-apiserver.ts';

type Document = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
};

const [url = '', token = '', count = '2000', seed = '1', show = '10'] = process.argv.slice(2);
const post = connect(url, token);
const structural = structuralCheck(builtInCrds);
const plural = (kind: string): string =>
  kind.endsWith('y') && kind !== 'Gateway' ? `${kind.slice(0, -1)}ies` : `${kind}s`;

const isGatewayApi = process.argv.includes('--gateway-api');
const arbitrary = (isGatewayApi ? gatewayDocuments : documents) as fc.Arbitrary<Document>;
const swept = isGatewayApi ? [] : sweptDocuments(Math.ceil(Number(count) / 300), Number(seed));
const sample = fc.sample(arbitrary, { numRuns: Number(count), seed: Number(seed) });
const tallies: Record<
  string,
  { documents: number; refused: number; verdictDiffers: number; layerDiffers: number }
> = {};
let shown = 0;
async function compare(document: Document): Promise<void> {
  const { apiVersion, kind } = document;
  const path = `/apis/${apiVersion}/namespaces/default/${plural(kind).toLowerCase()}?dryRun=All&fieldValidation=Strict`;
  const { namespace: _, ...metadata } = document.metadata;
  const body = { ...document, metadata };
  const answer = await post(path, body);
  const { errors } = validate(body, { structural });
  const ours = errors.filter(({ layer }) => layer === 'schema');
  const tally = (tallies[kind] ??= {
    documents: 0,
    refused: 0,
    verdictDiffers: 0,
    layerDiffers: 0,
  });
  tally.documents += 1;
  if (answer.refused) tally.refused += 1;
  if (answer.refused === ours.length > 0) return;
  tally.layerDiffers += 1;
  if (errors.length > ours.length) return;
  tally.verdictDiffers += 1;
  if ((shown += 1) > Number(show)) return;
  console.log(`## ${kind}\n${JSON.stringify(body)}`);
  console.log(`ours: ${JSON.stringify(ours)}\ntheirs: ${answer.refused} ${answer.text}`);
}
const queue = [...swept, ...sample][Symbol.iterator]();
await Promise.all(
  Array.from({ length: 8 }, async () => {
    for (const document of queue) await compare(document);
  }),
);
console.table(tallies);
process.exit();
