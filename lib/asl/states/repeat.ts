import type { Reference, RepeatNode, Value } from '../../workflow/graph.ts';
import type { Build } from '../build.ts';
import { template } from '../expression.ts';
import {
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
 * of the body sets the value and counts the turn.
 */
export function repeatStates(place: Place, node: RepeatNode, exit: Exit, build: Build): Ending {
  const { scope, machine } = place;
  const name = scope.names.state(node.id);
  const value: Reference = { kind: 'result', node: node.value, path: [] };
  const turn: Reference = { kind: 'result', node: node.turn, path: [] };
  const set = (now: Value, turns: Value) => [
    ...assignments(scope, node.value, now),
    ...assignments(scope, node.turn, turns),
  ];
  const done = { key: `${node.id}:done`, words: `${name} done` };
  const over = leadingFields(place, exit(value), done, false);
  const writeChoice = machine.reserve(name);
  const body = build.sequence({ ...place, first: null }, node.body, (now) => ({
    next: name,
    assign: set(now, jsonata('', turn, ' + 1')),
    output: null,
  }));
  const asks = node.until.kind !== 'literal';
  const isOver = asks
    ? jsonata('', node.until, ' or ', turn, ` >= ${node.most}`)
    : jsonata('', turn, ` >= ${node.most}`);
  const back = leadingFields(
    place,
    body,
    { key: `${node.id}:again`, words: `${name} again` },
    false,
  );
  const { Next, ...again } = back;
  writeChoice({
    Type: 'Choice',
    Choices: [{ Condition: template(isOver, readerAt(place, false)), ...over }],
    Default: Next ?? '',
    ...again,
  });
  const zero: Value = { kind: 'literal', value: 0 };
  const entered = passing([], body, node.turn, zero);
  return passing(set(node.start, zero), entered, node.value, node.start);
}

/** Texts and values in turn, a text first and last. */
function jsonata(...parts: readonly (string | Value)[]): Value {
  const texts = parts.filter((part) => typeof part === 'string');
  const values = parts.filter((part) => typeof part !== 'string');
  return { kind: 'jsonata', texts, values, path: [] };
}
