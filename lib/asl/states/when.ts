import type { Sequence, WhenNode } from '../../workflow/graph.ts';
import type { Build } from '../build.ts';
import { template } from '../expression.ts';
import type { State } from '../machine.ts';
import { type Ending, type Exit, leadingFields, type Place, readerAt } from '../place.ts';

/** A `when` is a Choice; its cases stand in the same machine, and each ends where the `when` ends. */
export function whenStates(place: Place, node: WhenNode, exit: Exit, build: Build): Ending {
  const name = place.scope.names.state(node.id);
  const isFirst = place.first === node.id;
  const lead = (body: Sequence, word: string): State => {
    const aside = { ...place, first: null, unsure: true };
    const ending = build.sequence(aside, body, exit);
    const resting = { key: `${node.id}:${word}`, words: `${name} ${word}` };
    return leadingFields(aside, ending, resting, isFirst);
  };
  const { Next, ...otherwise } = lead(node.otherwise, 'otherwise');
  const rules = node.cases
    .toReversed()
    .map(({ condition, body }, index) => ({
      Condition: template(condition, readerAt(place, isFirst)),
      ...lead(body, index === node.cases.length - 1 ? 'then' : `then ${node.cases.length - index}`),
    }))
    .toReversed();
  place.machine.add(name, { Type: 'Choice', Choices: rules, Default: Next ?? '', ...otherwise });
  return { next: name, assign: [], output: null };
}
