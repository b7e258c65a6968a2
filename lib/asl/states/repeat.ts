import type { Reference, RepeatNode, Value } from '../../workflow/graph.ts';
import type { Build } from '../build.ts';
import { template } from '../expression.ts';
import { Machine } from '../machine.ts';
import {
  type Assignment,
  assignments,
  type Ending,
  type Exit,
  leadingFields,
  type Place,
  passing,
  readerAt,
} from '../place.ts';

/**
 * A loop is its body and a Choice that leads back. Whoever leads into it sets the start; the last state
 * of the body sets the result and counts the turn.
 */
export function repeatStates(place: Place, node: RepeatNode, exit: Exit, build: Build): Ending {
  const { scope, machine } = place;
  const name = scope.names.state(node.id);
  const result: Reference = { kind: 'result', node: node.result, path: [] };
  const turn: Reference = { kind: 'result', node: node.turn, path: [] };
  const apart = { ...place, first: null, machine: new Machine() };
  const body = build.sequence(apart, node.body, (now) => ({
    next: name,
    assign: [
      ...assignments(scope, node.result, now),
      ...assignments(scope, node.turn, jsonata('', turn, ' + 1')),
    ],
    output: null,
  }));
  const begin = (value: Value, more: readonly Assignment[] = []): Ending =>
    passing([...assignments(scope, node.value, value), ...more], body, node.value, value);
  const done = { key: `${node.id}:done`, words: `${name} done` };
  const over = leadingFields(place, exit(result), done, false);
  const back = node.between
    ? build.sequence({ ...place, first: null, unsure: true }, node.between, (value) => begin(value))
    : body;
  const again = { key: `${node.id}:again`, words: `${name} again` };
  const { Next, ...otherwise } = leadingFields(place, back, again, false);
  machine.add(name, {
    Type: 'Choice',
    Choices: [{ Condition: template(isOver(node, turn), readerAt(place, false)), ...over }],
    Default: Next ?? '',
    ...otherwise,
  });
  machine.take(apart.machine);
  const zero: Value = { kind: 'literal', value: 0 };
  const entered = begin(node.start, assignments(scope, node.turn, zero));
  return passing([], entered, node.turn, zero);
}

function isOver({ until, most }: RepeatNode, turn: Reference): Value {
  const bound = ` >= ${most}`;
  if (until.kind === 'literal') return jsonata('', turn, bound);
  return jsonata('', until, ' or ', turn, bound);
}

/** Texts and values in turn, a text first and last. */
function jsonata(...parts: readonly (string | Value)[]): Value {
  const texts = parts.filter((part) => typeof part === 'string');
  const values = parts.filter((part) => typeof part !== 'string');
  return { kind: 'jsonata', texts, values, path: [] };
}
