import { WorkflowInvalid } from '../errors.ts';

/** The error names that a `catch` or a `retry` takes. @throws WorkflowInvalid */
export function checkedErrors(names: string | readonly string[], place: string): readonly string[] {
  const list = typeof names === 'string' ? [names] : names;
  const isName = (name: unknown) => typeof name === 'string' && /^[^\s{}%$]{1,256}$/.test(name);
  if (!Array.isArray(list) || list.length === 0 || !list.every(isName)) {
    throw new WorkflowInvalid(
      `${place} names the errors ${JSON.stringify(names)}. Give one name or a list of them, without spaces: 'Model.RateLimited', 'States.Timeout', the name of an error that your function throws.`,
    );
  }
  if (list.includes('States.ALL') && list.length > 1) {
    throw new WorkflowInvalid(
      `${place} names 'States.ALL' beside others. It means every error and stands alone.`,
    );
  }
  return list;
}
