import type { FailNode } from '../../workflow/graph.ts';
import { template } from '../expression.ts';
import { type Ending, type Exit, type Place, raise, readerAt, takerOf } from '../place.ts';

/** A `fail` leads to the handler around it, which costs no state, or is a Fail. */
export function failState(place: Place, node: FailNode, _exit: Exit): Ending {
  const name = place.scope.names.state(node.id);
  const isFirst = place.first === node.id;
  if (takerOf(place, node.error))
    return raise(place, node.error, node.cause, { key: '', words: '' });
  place.machine.add(name, {
    Type: 'Fail',
    Error: node.error,
    Cause: template(node.cause, readerAt(place, isFirst)),
  });
  return { next: name, assign: [], output: null };
}
