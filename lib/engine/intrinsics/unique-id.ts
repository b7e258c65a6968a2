import { uuid } from '../jsonata/functions.ts';
import type { Intrinsic } from './intrinsic.ts';

/** A version 4 UUID. */
export const uniqueIdIntrinsics: Readonly<Record<string, Intrinsic>> = {
  UUID: { arity: [0, 0], apply: (_args, random) => uuid(random) },
};
