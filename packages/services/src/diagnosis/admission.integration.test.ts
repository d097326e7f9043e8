import { describe, expect, it } from 'vitest';
import { ruleSettingList } from '@ambit/contracts/operations/finding';
import { policyDelete, policyUpdate } from '@ambit/contracts/operations/policy';
import { diagnoserOf } from './diagnoser.ts';
import {
  apply,
  complaints,
  gateway,
  meshId,
  platform,
  service,
  set,
  tenant,
  useMesh,
} from './testing/mesh.ts';

useMesh();

describe('admission', () => {
  const wrong = service('web', 'web.example.com');

  it('warns of what a write introduces, and not of what is there already', async () => {
    const first = await apply(wrong);
    expect(first.warnings.map(({ message }) => message).join()).toContain('IST0101');
    const second = await apply(wrong.replace('route: [', 'timeout: 3s\n      route: ['));
    expect(second.items[0]?.change).toBe('updated');
    expect(second.warnings.map(({ message }) => message).join()).not.toContain('IST0101');
  });

  it('denies with code, cause and fix, stores nothing, and lets corrections through', async () => {
    await set('IST0101', 'deny');
    await expect(apply(wrong)).rejects.toMatchObject({
      code: 'unprocessable',
      message: expect.stringMatching(/the mesh denies this: IST0101 VirtualService shop\/web/),
      details: [{ path: 'spec.gateways[0]', message: expect.stringContaining('IST0101') }],
    });
    await expect(apply(`${wrong}---\n${gateway}`)).resolves.toMatchObject({
      items: [{ change: 'created' }, { change: 'created' }],
    });
    const [main] = await platform.db.system.policy.findMany({ where: { meshId, name: 'main' } });
    await expect(
      tenant.callAs('operator', policyDelete, { meshId, policyId: main!.id }),
    ).rejects.toMatchObject({ code: 'unprocessable' });
    const [web] = await platform.db.system.policy.findMany({ where: { meshId, name: 'web' } });
    await expect(
      tenant.callAs('operator', policyUpdate, {
        meshId,
        policyId: web!.id,
        version: web!.version,
        yaml: service('web', 'web.example.com', 'other'),
      }),
    ).rejects.toMatchObject({ code: 'unprocessable' });
  });

  it('a dry run tells everything about the text, and what would be denied', async () => {
    await set('IST0101', 'deny');
    const { findings } = await apply(wrong, true);
    expect(findings.find(({ code }) => code === 'IST0101')).toMatchObject({
      introduced: true,
      denied: true,
      path: 'spec.gateways[0]',
    });
    await set('IST0101', 'default');
    await apply(wrong);
    const again = await apply(wrong.replace('[web.example', '[ web.example'), true);
    expect(again.findings.find(({ code }) => code === 'IST0101')).toMatchObject({
      introduced: false,
      denied: false,
    });
  });

  it('says nothing when a rule is off, or when all are', async () => {
    await set('IST0101', 'off');
    expect((await apply(wrong)).warnings.join()).not.toContain('IST0101');
    await set('*', 'off');
    expect((await apply(wrong.replace('web,', 'web2,'))).warnings).toEqual([]);
    const { items } = await tenant.callAs('viewer', ruleSettingList, { meshId });
    expect(items.every(({ mode }) => mode === 'off')).toBe(true);
  });

  it('whose engine fails lets the write through, and complains', async () => {
    const diagnoser = diagnoserOf(platform.db);
    const { use } = diagnoser;
    diagnoser.use = () => Promise.reject(new Error('a fault of ours'));
    try {
      await expect(apply(wrong)).resolves.toMatchObject({ items: [{ change: 'created' }] });
    } finally {
      diagnoser.use = use;
    }
    expect(JSON.stringify(complaints)).toContain('let through');
  });
});
