import { z } from 'zod';
import { permissions, roles } from './roles.ts';

export * from './roles.ts';

export const permissionSchema = z.enum(permissions);
export const roleSchema = z.enum(roles);
