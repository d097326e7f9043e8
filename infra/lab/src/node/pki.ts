import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../run.ts';
import { network } from '../versions.ts';

type Certificate = { file: string; subject: string[]; extensions: string[] };

const days = '3650';

const certificates = (nodeName: string): Certificate[] => [
  {
    file: 'server',
    subject: ['CN = kube-apiserver'],
    extensions: [
      'extendedKeyUsage = serverAuth',
      `subjectAltName = IP:127.0.0.1,IP:${network.nodeAddress},IP:${network.apiServiceAddress},` +
        'DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,' +
        'DNS:kubernetes.default.svc.cluster.local',
    ],
  },
  {
    file: 'admin',
    subject: ['O = system:masters', 'CN = admin'],
    extensions: ['extendedKeyUsage = clientAuth'],
  },
  {
    file: 'kubelet',
    subject: ['O = system:nodes', `CN = system:node:${nodeName}`],
    extensions: [
      'extendedKeyUsage = clientAuth,serverAuth',
      `subjectAltName = IP:${network.nodeAddress},DNS:${nodeName}`,
    ],
  },
];

const requestConfig = (subject: string[], extensions: string[]): string =>
  ['[req]', 'prompt = no', 'distinguished_name = subject', 'x509_extensions = extensions']
    .concat('[subject]', subject, '[extensions]', extensions, '')
    .join('\n');

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes the lab's own authority, its certificates and the key that signs service account tokens. */
export async function makePki(folder: string, nodeName: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const config = join(folder, 'request.cnf');
  const sign = async (
    file: string,
    subject: string[],
    extensions: string[],
    issuer: string[],
  ): Promise<void> => {
    writeFileSync(config, requestConfig(subject, extensions));
    const output = ['-keyout', join(folder, `${file}.key`), '-out', join(folder, `${file}.crt`)];
    await must('openssl', [
      'req',
      '-x509',
      '-config',
      config,
      '-days',
      days,
      ...newKey,
      ...output,
      ...issuer,
    ]);
  };
  const authority = [
    'basicConstraints = critical,CA:TRUE',
    'keyUsage = critical,keyCertSign,cRLSign',
  ];
  await sign('ca', ['CN = ambit-lab'], authority, []);
  const issuer = ['-CA', join(folder, 'ca.crt'), '-CAkey', join(folder, 'ca.key')];
  for (const { file, subject, extensions } of certificates(nodeName)) {
    await sign(file, subject, ['basicConstraints = critical,CA:FALSE', ...extensions], issuer);
  }
  rmSync(config);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writeFileSync(join(folder, 'sa.key'), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'sa.pub'), publicKey);
}
