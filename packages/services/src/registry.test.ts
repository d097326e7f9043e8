import { describe, expect, it } from 'vitest';
import { catalogue } from '@ambit/contracts/catalogue';
import type { OperationContract } from '@ambit/contracts/operation';
import { permissions } from '@ambit/contracts/permissions';
import { registry } from './registry.ts';

const entries = Object.entries(catalogue).flatMap(([domain, verbs]) =>
  Object.entries(verbs).map(
    ([verb, contract]) => [`${domain}.${verb}`, contract as OperationContract] as const,
  ),
);

describe.each(entries)('%s', (path, contract) => {
  it('has an id that is its place in the catalogue: tRPC path, CLI command and audit name', () => {
    expect(contract.id).toBe(path);
  });

  it('has a permission that a role can hold', () => {
    expect(['self', ...permissions]).toContain(contract.permission);
  });

  it('has an implementation of this very contract', () => {
    expect(registry.get(path)?.contract).toBe(contract);
  });

  it('has a REST path whose parameters are fields of its input', () => {
    expect(contract.rest.path).toMatch(/^\/v1(\/([a-z-]+|\{[a-zA-Z]+\}))+$/);
    const names = [...contract.rest.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    expect(Object.keys(contract.input.shape)).toEqual(expect.arrayContaining(names));
  });

  it('changes something exactly when its kind says so', () => {
    const { method } = contract.rest;
    if (contract.kind === 'command') expect(method).not.toBe('GET');
    else expect(['GET', 'POST']).toContain(method);
    const reads = contract.permission === 'self' || contract.permission.endsWith('.read');
    expect(reads).toBe(contract.kind === 'query');
  });

  it('takes a version when it is versioned', () => {
    if (contract.versioned) expect(contract.input.shape).toHaveProperty('version');
  });

  it('has examples that its own input takes', () => {
    for (const { input } of contract.examples ?? []) {
      expect(contract.input.safeParse(input).error).toBeUndefined();
    }
  });
});

it('no two operations share a REST route', () => {
  const routes = entries.map(
    ([, { rest }]) => `${rest.method} ${rest.path.replaceAll(/\{\w+\}/g, '{}')}`,
  );
  expect(routes.filter((route, i) => routes.indexOf(route) !== i)).toEqual([]);
});

it('nothing is implemented that is not in the catalogue', () => {
  const known = new Set<string>(entries.map(([path]) => path));
  expect([...registry.keys()].filter((id) => !known.has(id))).toEqual([]);
});
