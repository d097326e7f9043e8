// node crds.ts OUT.json CRD.yaml...: writes the schemas of CustomResourceDefinitions without their descriptions.
// oxlint-disable no-restricted-imports
import { readFileSync, writeFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { readCrds } from '../crd/catalogue.ts';

const [out = '', ...files] = process.argv.slice(2);
const documents = files.flatMap((file) =>
  parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as unknown),
);
const found = readCrds(documents);
writeFileSync(out, `${JSON.stringify(found)}\n`);
console.log(
  `${out}: ${found.map(({ kind, versions }) => `${kind} ${versions.join(',')}`).join('; ')}`,
);
