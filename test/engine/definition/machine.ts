import type { JsonObject } from '../../../lib/json.ts';

export const LAMBDA = 'arn:aws:lambda:us-east-1:123456789012:function:f';

/** A machine of these states that starts at the first. */
export function machine(states: JsonObject, more: JsonObject = {}): JsonObject {
  return { StartAt: Object.keys(states)[0]!, States: states, ...more };
}

/** A machine of one state that ends. */
export function lone(state: JsonObject, more: JsonObject = {}): JsonObject {
  return machine({ S: { ...state, End: true } }, more);
}

export const pass: JsonObject = { Type: 'Pass', End: true };
