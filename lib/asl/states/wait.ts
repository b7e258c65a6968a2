import { nothing, type WaitNode } from '../../workflow/graph.ts';
import { template } from '../expression.ts';
import { type Ending, type Exit, endingFields, type Place, readerAt } from '../place.ts';

/** A sleep is a Wait. It has nothing to give but null. */
export function waitState(place: Place, node: WaitNode, exit: Exit): Ending {
  const name = place.scope.names.state(node.id);
  const isFirst = place.first === node.id;
  place.machine.add(name, {
    Type: 'Wait',
    Seconds: template(node.seconds, readerAt(place, isFirst)),
    ...endingFields(place, exit(nothing), isFirst),
  });
  return { next: name, assign: [], output: null };
}
