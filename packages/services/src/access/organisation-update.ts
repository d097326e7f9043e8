import { organisationUpdate } from '@ambit/contracts/operations/organisation';
import { implement } from '../kernel/implement.ts';
import { toOrganisation } from './rows.ts';

export const updateOrganisation = implement(
  organisationUpdate,
  async ({ tx, organisationId, changed }, { name }) => {
    const row = await tx.organisation.update({ where: { id: organisationId }, data: { name } });
    await changed('organisation', organisationId, 'updated');
    return toOrganisation(row);
  },
  (_, output) => output?.id ?? '',
);
