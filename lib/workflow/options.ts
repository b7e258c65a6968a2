import { WorkflowInvalid } from '../errors.ts';

/** Refuses options that do not exist, at once: a misspelt one would be ignored in silence. */
export function checkOptions(options: object, allowed: readonly string[], place: string): void {
  const unknown = Object.keys(options).filter((key) => !allowed.includes(key));
  if (unknown.length === 0) return;
  throw new WorkflowInvalid(
    `${place} has the unknown ${unknown.length === 1 ? 'option' : 'options'} ${unknown.map((key) => `'${key}'`).join(', ')}. ` +
      `Allowed: ${allowed.join(', ')}.`,
  );
}
