import { everyState, inputOutput } from '../common-fields.ts';
import type { StateRules } from '../state-rules.ts';

export const succeedRules: StateRules = {
  fields: { ...everyState, ...inputOutput() },
  transitions: false,
};
