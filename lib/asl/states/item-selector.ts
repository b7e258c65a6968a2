import type { Json } from '../../json.ts';
import type { Value } from '../../workflow/graph.ts';
import { template } from '../expression.ts';
import type { Frame } from '../frame.ts';
import { runInputNode } from '../ledger.ts';
import { type Place, readerAt } from '../place.ts';

/** A value that a Map gives to its iterations: its id, and the field and what it is, if it adds one. */
type ItemField = readonly [node: number, added?: readonly [field: string, text: string]];

/** What a Map's iterations ask for, as their input: the fields of the Map's own, and values from outside. */
export function passedOn(
  place: Place,
  frame: Frame,
  isFirst: boolean,
  own: readonly ItemField[],
): Json {
  const reader = readerAt(place, isFirst);
  const fields = place.scope.requests(frame.id).flatMap(({ node, paths }): [string, Json][] => {
    const field = own.find(([id]) => id === node);
    if (field) return field[1] ? [[...field[1]]] : [];
    return paths.map((path) => {
      const isInput = node === runInputNode;
      const value: Value = isInput ? { kind: 'input', path } : { kind: 'result', node, path };
      return [place.scope.passedName(node, path), template(value, reader)];
    });
  });
  return Object.fromEntries(fields);
}
