import type { Tolerance } from '../../workflow/graph.ts';
import { input, inputHand } from '../hand.ts';
import { type Ending, type Exit, leadingFields, type Place, raise } from '../place.ts';

/** How many characters of each reason's cause are told. */
const toldCause = 300;

/** The names of one word's node, for the states around it. */
interface Named {
  readonly id: number;
  readonly tolerate: Tolerance | null;
}

/**
 * Counts the rejected slots when all are settled: a Choice between the whole's exit and GatherFailed.
 * It receives the slots as its input.
 * @param slots JSONata for the list of slots, from the Choice's input
 */
export function counted(place: Place, { id, tolerate }: Named, slots: string, exit: Exit): Exit {
  if (tolerate === null) return exit;
  const words = place.scope.names.state(id);
  const name = place.scope.names.extra(`${id}:count`, `${words} tolerates`);
  const rejected = `${slots}[status = 'rejected']`;
  const tooMany =
    'count' in tolerate
      ? `$count(${rejected}) > ${tolerate.count}`
      : `$count(${rejected}) * 100 > ${tolerate.percentage} * $count(${slots})`;
  const failed = raise(
    place,
    'GatherFailed',
    { kind: 'jsonata', texts: [reasonsText(`${rejected}.reason`)], values: [], path: [] },
    { key: `${id}:failed`, words: `${words} failed` },
  );
  const kept = exit(input());
  const resting = { key: `${id}:kept`, words: `${words} tolerated` };
  const { Next, ...otherwise } = leadingFields(place, kept, resting, false, inputHand);
  place.machine.add(name, {
    Type: 'Choice',
    Choices: [
      { Condition: `{% ${tooMany} %}`, ...leadingFields(place, failed, resting, false, inputHand) },
    ],
    Default: Next ?? '',
    ...otherwise,
  });
  return (value): Ending => ({ next: name, assign: [], output: value });
}

/** JSONata for the JSON list of reasons, within what a cause can hold (32,768 characters). */
export function reasonsText(reasons: string): string {
  return `$substring($string([${toldReason(reasons)}]), 0, 32768)`;
}

/** JSONata for a reason as it is told; of several, for each of them. */
export function toldReason(reason: string): string {
  return `${reason}.{ 'error': error, 'cause': $substring(cause, 0, ${toldCause}), 'name': name, 'index': index }`;
}
