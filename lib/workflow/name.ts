import { WorkflowInvalid } from '../errors.ts';
import { readable } from './placeholder.ts';
import { symbolicInfo } from './symbolic-value.ts';

/** @throws WorkflowInvalid */
export function checkedName(name: string): string {
  if (symbolicInfo(name) || readable(name) !== name) {
    throw new WorkflowInvalid(
      `The name '${readable(String(name))}' holds a symbolic value. Names are fixed before the workflow runs.`,
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
  if (typeof name !== 'string' || !/^[^\u0000-\u001f\u007f]{1,80}$/u.test(name) || !name.trim()) {
    throw new WorkflowInvalid(
      `The name ${JSON.stringify(name)} cannot name a state. A name has 1 to 80 characters and no line breaks or control characters.`,
    );
  }
  return name;
}
