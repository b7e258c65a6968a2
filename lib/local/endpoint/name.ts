import { invalidName } from './service-error.ts';

/** AWS: "CreateStateMachine", name: no white space, brackets, wildcards, special or control characters. */
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: AWS forbids them by name.
  /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u;

/** The name of a state machine, an execution or an activity. @throws ServiceError `InvalidName`. */
export function checkName(name: string): string {
  if (FORBIDDEN.test(name)) throw invalidName(name);
  return name;
}
