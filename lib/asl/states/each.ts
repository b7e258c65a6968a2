import type { Json } from '../../json.ts';
import type { EachNode, Path, Value } from '../../workflow/graph.ts';
import type { Build } from '../build.ts';
import { expression, pathExpression, template } from '../expression.ts';
import { Frame } from '../frame.ts';
import { own, resultHand } from '../hand.ts';
import {
  catchField,
  type Ending,
  type Exit,
  endingFields,
  firstNode,
  type Place,
  readerAt,
} from '../place.ts';
import { passedOn } from './item-selector.ts';
import { type Settling, settled, unsettled } from './settle.ts';
import { counted } from './tolerance.ts';

/** An each is a Map. Its iterations receive the item, or an object of all that they read. */
export function eachStates(place: Place, node: EachNode, exit: Exit, build: Build): Ending {
  const { scope } = place;
  const name = scope.names.state(node.id);
  const isFirst = place.first === node.id;
  const onward = counted(place, node, '$states.input', exit);
  const fields = {
    ...catchField(place, isFirst),
    ...endingFields(place, onward(own()), isFirst, resultHand),
  };
  const frame = iterationFrame(place, node, isFirst);
  const { catchers, exit: leave } = settlingOf(node, name);
  const inner = {
    scope,
    unsure: place.unsure,
    frame,
    catchers,
    first: firstNode(node.body),
    words: `${name} start`,
  };
  const machine = build.machine(inner, (within) => build.sequence(within, node.body, leave));
  const selector = itemSelector(place, node, frame, isFirst);
  const mode: Json = node.distributed
    ? { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }
    : { Mode: 'INLINE' };
  place.machine.add(name, {
    Type: 'Map',
    Items: itemsField(place, node, isFirst),
    ...(selector ? { ItemSelector: selector } : {}),
    MaxConcurrency: node.concurrency,
    ItemProcessor: { ProcessorConfig: mode, ...machine },
    ...fields,
  });
  return { next: name, assign: [], output: null };
}

/**
 * JSONata hands out a lone match without its list; Items must be a list. The brackets keep a list that
 * is written as one from being put into another.
 */
function itemsField(place: Place, { items }: EachNode, isFirst: boolean): Json {
  const reader = readerAt(place, isFirst);
  return items.kind === 'jsonata'
    ? `{% [(${expression(items, reader)})] %}`
    : template(items, reader);
}

/** The item is the iteration's input, unless it needs more: then it is the field `item` of it. */
function iterationFrame(place: Place, node: EachNode, isFirst: boolean): Frame {
  const { scope } = place;
  const id = scope.peekFrame();
  const isAlone = scope.requests(id).every((request) => request.node === node.item);
  const item = isAlone ? '$states.input' : '$states.input.item';
  return new Frame(scope, place.frame, {
    given: new Map([
      [node.item, (path: Path) => pathExpression(item, path)],
      [node.index, () => '$states.input.index'],
    ]),
    ...(node.distributed ? { isolated: node.body } : { handedOn: isFirst }),
  });
}

function itemSelector(place: Place, node: EachNode, frame: Frame, isFirst: boolean): Json | null {
  const requests = place.scope.requests(frame.id);
  if (requests.every((request) => request.node === node.item)) return null;
  return passedOn(place, frame, isFirst, [
    [node.item, 'item', '{% $states.context.Map.Item.Value %}'],
    [node.index, 'index', '{% $states.context.Map.Item.Index %}'],
  ]);
}

function settlingOf(node: EachNode, words: string): Settling {
  if (!node.returnExceptions) return unsettled;
  const index: Value = { kind: 'result', node: node.index, path: [] };
  return settled({
    name: { kind: 'concat', parts: [index] },
    index,
    key: `${node.id}:item`,
    words: `${words} item`,
  });
}
