import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { formatSide, parseForward, parseTcpAddress } from './forward-spec.ts';
import { sourceFolder } from './paths.ts';

const children: ChildProcess[] = [];
const servers: Server[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
  for (const server of servers.splice(0)) server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ambit-forward-'));
  folders.push(folder);
  return folder;
};

/** A server that answers, only after the other side ended its stream, with its name and what it got. */
async function answering(name: string): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let got = '';
    socket.on('data', (chunk) => (got += String(chunk)));
    socket.on('end', () => socket.end(`${name}:${got.length}`));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts the forwarder and waits until it listens on everything. */
function start(...forwards: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(sourceFolder, 'forwarder.ts'), ...forwards]);
  children.push(child);
  return new Promise((resolve, reject) => {
    let listening = 0;
    child.stderr.on('data', (text) => {
      listening += String(text).match(/passing on/g)?.length ?? 0;
      if (listening >= forwards.length) resolve();
    });
    child.on('exit', (code) => reject(new Error(`the forwarder ended with ${code}`)));
  });
}

function ask(path: string, message: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ path, allowHalfOpen: true });
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('error', reject);
    socket.on('end', () => resolve(answer));
    socket.end(message);
  });
}

test('a stream passes through two forwarders, with the end of one side before the other', async () => {
  const folder = newFolder();
  const [outer, inner] = [join(folder, 'outer'), join(folder, 'inner')];
  await start(`unix:${inner}=tcp:${await answering('server')}`, `unix:${outer}=unix:${inner}`);
  expect(await ask(outer, 'x'.repeat(1_000_000))).toBe('server:1000000');
});

test('a target in a file is read anew for every connection', async () => {
  const folder = newFolder();
  const [socket, file] = [join(folder, 'socket'), join(folder, 'target')];
  writeFileSync(file, `${await answering('first')}\n`);
  await start(`unix:${socket}=file:${file}`);
  expect(await ask(socket, 'a')).toBe('first:1');
  writeFileSync(file, `${await answering('second')}\n`);
  expect(await ask(socket, 'ab')).toBe('second:2');
});

test('a target that is not there ends that connection and no other', async () => {
  const folder = newFolder();
  const [socket, file] = [join(folder, 'socket'), join(folder, 'target')];
  writeFileSync(file, 'not an address');
  await start(`unix:${socket}=file:${file}`);
  expect(await ask(socket, 'a').catch(() => '')).toBe('');
  writeFileSync(file, await answering('again'));
  expect(await ask(socket, 'a')).toBe('again:1');
});

test('forwards are read and written in one form', () => {
  const forward = parseForward('tcp:127.0.0.1:80=file:/a=b');
  expect(forward).toEqual({
    from: { kind: 'tcp', host: '127.0.0.1', port: 80 },
    to: { kind: 'file', file: '/a=b' },
  });
  expect(formatSide(forward.from)).toBe('tcp:127.0.0.1:80');
});

test.each(['', '4600', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:65536', 'http://127.0.0.1:80'])(
  '%j is not an address',
  (text) => {
    expect(() => parseTcpAddress(text)).toThrow('is not an address');
  },
);
