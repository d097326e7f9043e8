import { newId } from '@ambit/contracts/ids';
import { connect } from '@ambit/kube-api/bench/client';
import { policy, virtualServices } from '@ambit/kube-api/bench/policies';
import type { Product } from './product.ts';

/**
 * Fills the database with meshes that have `policies` policies each, their history and log as if each had been written
 * through the API: one mesh is written so, the others are copies of its rows.
 * @returns ids of the meshes
 */
export async function fillMeshes(
  product: Product,
  meshes: number,
  policies: number,
): Promise<string[]> {
  const template = await product.makeMesh();
  const subject = { name: 'template', url: product.meshUrl(template), token: product.token };
  const client = connect({ ...subject, stop: async () => {} }, 16);
  const bodies = Array.from({ length: policies }, (_, index) => policy(index).body);
  const answers = await Promise.all(
    bodies.map((body) => client.send('POST', virtualServices, body)),
  );
  client.close();
  const refused = answers.find(({ status }) => status !== 201);
  if (refused !== undefined) throw new Error(`a policy was refused: ${refused.body.toString()}`);

  const copies = Array.from({ length: meshes - 1 }, () => ({
    mesh: newId('mesh'),
    cluster: newId('cluster'),
  }));
  const { pool } = product.db;
  const pairs = JSON.stringify(copies);
  const policyId = `'pol_' || substr(md5(copy.mesh || t.%), 1, 26)`;
  const tables: [string, string, Record<string, string>][] = [
    ['mesh', 't.id = $2', { id: 'copy.mesh', name: `'copy-' || copy.mesh` }],
    [
      'cluster',
      't.id IN (SELECT cluster_id FROM mesh_cluster WHERE mesh_id = $2)',
      { id: 'copy.cluster', name: `'copy-' || copy.mesh` },
    ],
    ['mesh_cluster', 't.mesh_id = $2', { mesh_id: 'copy.mesh', cluster_id: 'copy.cluster' }],
    ['desired_bundle', 't.mesh_id = $2', { mesh_id: 'copy.mesh', cluster_id: 'copy.cluster' }],
    ['policy', 't.mesh_id = $2', { mesh_id: 'copy.mesh', id: policyId.replace('%', 'id') }],
    [
      'policy_version',
      't.mesh_id = $2',
      { mesh_id: 'copy.mesh', policy_id: policyId.replace('%', 'policy_id') },
    ],
  ];
  for (const [table, where, changed] of tables) {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'`,
      [table],
    );
    const columns = rows.map(({ name }) => `"${name}"`).join(', ');
    const values = rows.map(({ name }) => changed[name] ?? `t."${name}"`).join(', ');
    await pool.query(
      `INSERT INTO "${table}" (${columns}) SELECT ${values}
       FROM json_to_recordset($1::json) AS copy(mesh text, cluster text), "${table}" t WHERE ${where}`,
      [pairs, template],
    );
  }
  await pool.query('VACUUM ANALYZE');
  return [template, ...copies.map(({ mesh }) => mesh)];
}
