import type { JsonObject } from '../../json.ts';
import { isObject } from './field-check.ts';
import type { Site } from './site.ts';

const MISSING = 'MISSING_TRANSITION_TARGET';

/**
 * The transitions of one container (the machine, a branch, an item processor), as AWS reports them:
 * targets that do not exist; then either that no state ends the workflow, or which states cannot be
 * reached from StartAt.
 */
export function checkGraph(machine: JsonObject, site: Site): void {
  const states = machine.States as JsonObject;
  const start = machine.StartAt as string;
  if (!Object.hasOwn(states, start)) {
    site.at('StartAt').fail(`Missing 'Next' target: ${start}`, MISSING);
  }
  let ends = false;
  for (const [name, state] of Object.entries(states)) {
    ends ||= isTerminal(state as JsonObject);
    for (const { target, place } of transitions(state as JsonObject)) {
      if (!Object.hasOwn(states, target)) {
        const location = `${site.location}/States/${name}${place}`;
        site.with({ location }).fail(`Missing 'Next' target: ${target}`, MISSING);
      }
    }
  }
  if (!ends) {
    site.options.findings.error('MISSING_END_STATE', 'Workflow has no terminal state', '');
    return;
  }
  const reached = reachable(states, start);
  for (const name of Object.keys(states)) {
    if (!reached.has(name)) {
      site.at('States').at(name).fail(`State "${name}" is not reachable.`, MISSING);
    }
  }
}

function isTerminal(state: JsonObject): boolean {
  return state.End === true || state.Type === 'Succeed' || state.Type === 'Fail';
}

interface Transition {
  readonly target: string;
  /** Below the state: '/Choices[0]/Next'. */
  readonly place: string;
}

function transitions(state: JsonObject): readonly Transition[] {
  const found: Transition[] = [];
  if (typeof state.Next === 'string') {
    found.push({ target: state.Next, place: '/Next' });
  }
  for (const list of ['Choices', 'Catch']) {
    const items = state[list];
    for (const [index, item] of Array.isArray(items) ? items.entries() : []) {
      if (isObject(item) && typeof item.Next === 'string') {
        found.push({ target: item.Next, place: `/${list}[${index}]/Next` });
      }
    }
  }
  if (typeof state.Default === 'string') {
    found.push({ target: state.Default, place: '/Default' });
  }
  return found;
}

function reachable(states: JsonObject, start: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const pending = [start];
  while (pending.length > 0) {
    const name = pending.pop()!;
    if (!reached.has(name) && Object.hasOwn(states, name)) {
      reached.add(name);
      for (const { target } of transitions(states[name] as JsonObject)) {
        pending.push(target);
      }
    }
  }
  return reached;
}
