import type { Json } from '../../json.ts';
import type { EachNode, Path, Value } from '../../workflow/graph.ts';
import type { Build } from '../build.ts';
import { expression, pathExpression, template } from '../expression.ts';
import { Frame } from '../frame.ts';
import { own, resultHand } from '../hand.ts';
import type { State } from '../machine.ts';
import { itemShareOf } from '../names.ts';
import {
  catchField,
  type Ending,
  type Exit,
  endingFields,
  firstNode,
  type Place,
  readerAt,
} from '../place.ts';
import { itemShare } from './allowance.ts';
import { passedOn } from './item-selector.ts';
import { itemReader, resultWriter, writtenResults } from './s3.ts';
import { type Settling, settled, unsettled } from './settle.ts';
import { counted } from './tolerance.ts';

/** An each is a Map. Its iterations receive the item, or an object of all that they read. */
export function eachStates(place: Place, node: EachNode, exit: Exit, build: Build): Ending {
  const { scope } = place;
  const name = scope.names.state(node.id);
  const isFirst = place.first === node.id;
  // What is in S3 cannot be counted here: Step Functions does.
  const onward = node.writer ? exit : counted(place, node, '$states.input', exit);
  const fields = {
    ...catchField(place, isFirst),
    ...endingFields(place, onward(resultOf(node)), isFirst, resultHand),
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
  const mode: Json = node.distributed
    ? { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }
    : { Mode: 'INLINE' };
  place.machine.add(name, {
    Type: 'Map',
    ...itemsFields(place, node, frame, isFirst),
    MaxConcurrency: node.concurrency,
    ...toleratedFields(node),
    ...(node.writer ? { ResultWriter: resultWriter(node.writer, readerAt(place, isFirst)) } : {}),
    ItemProcessor: { ProcessorConfig: mode, ...machine },
    ...fields,
  });
  return { next: name, assign: [], output: null };
}

/** Where the items come from, and what each iteration is given. */
function itemsFields(place: Place, node: EachNode, frame: Frame, isFirst: boolean): State {
  const reader = readerAt(place, isFirst);
  const items: State = node.reader
    ? { ItemReader: itemReader(node.reader, reader) }
    : { Items: itemsField(place, node.items as Value, isFirst) };
  const share = [itemShareOf(node.id), ['share', itemShare(place, node, isFirst)]] as const;
  const others = place.scope.requests(frame.id).some(({ node: asked }) => asked !== node.item);
  if (node.batch) {
    const { maxItems, maxBytes } = node.batch;
    const input = others ? passedOn(place, frame, isFirst, [[node.item], share]) : null;
    const batcher = {
      ...(maxItems === null ? {} : { MaxItemsPerBatch: maxItems }),
      ...(maxBytes === null ? {} : { MaxInputBytesPerBatch: maxBytes }),
      ...(input === null ? {} : { BatchInput: input }),
    };
    return { ...items, ItemBatcher: batcher };
  }
  if (!others) return items;
  const selector = passedOn(place, frame, isFirst, [
    [node.item, ['item', '{% $states.context.Map.Item.Value %}']],
    [node.index, ['index', '{% $states.context.Map.Item.Index %}']],
    share,
  ]);
  return { ...items, ItemSelector: selector };
}

/**
 * JSONata hands out a lone match without its list; Items must be a list. The brackets keep a list that
 * is written as one from being put into another.
 */
function itemsField(place: Place, items: Value, isFirst: boolean): Json {
  const reader = readerAt(place, isFirst);
  return items.kind === 'jsonata'
    ? `{% [(${expression(items, reader)})] %}`
    : template(items, reader);
}

/**
 * The item is the iteration's input, unless it needs more: then it is the field `item` of it. A batch
 * is the input's field `Items`, and `BatchInput` has the rest (AWS docs: "ItemBatcher").
 */
function iterationFrame(place: Place, node: EachNode, isFirst: boolean): Frame {
  const { scope } = place;
  const id = scope.peekFrame();
  const isAlone = scope.requests(id).every((request) => request.node === node.item);
  const item = isAlone ? '$states.input' : '$states.input.item';
  const read = node.batch ? '$states.input.Items' : item;
  return new Frame(scope, place.frame, {
    given: new Map([
      [node.item, (path: Path) => pathExpression(read, path)],
      [node.index, () => '$states.input.index'],
      [
        itemShareOf(node.id),
        () => `${node.batch ? '$states.input.BatchInput' : '$states.input'}.share`,
      ],
    ]),
    ...(node.batch ? { passedAt: '$states.input.BatchInput' } : {}),
    ...(node.distributed ? { isolated: node.body } : { handedOn: isFirst }),
  });
}

/** Where the results are in S3 only Step Functions sees how many items have failed. */
function toleratedFields({ tolerate, writer }: EachNode): State {
  if (!tolerate || !writer) return {};
  return 'count' in tolerate
    ? { ToleratedFailureCount: tolerate.count }
    : { ToleratedFailurePercentage: tolerate.percentage };
}

/** A batch does not know its own position: its slot is told when all are there. */
function resultOf({ batch, returnExceptions, writer }: EachNode): Value {
  if (writer) return writtenResults;
  if (!batch || !returnExceptions) return own();
  const placed = "$merge([$slot.reason, { 'name': $string($at), 'index': $at }])";
  const slot = `$slot.status = 'rejected' ? { 'status': 'rejected', 'reason': ${placed} } : $slot`;
  return {
    kind: 'jsonata',
    texts: ['[$map(', `, function($slot, $at) { ${slot} })]`],
    values: [own()],
    path: [],
  };
}

function settlingOf(node: EachNode, words: string): Settling {
  if (!node.returnExceptions) return unsettled;
  const index: Value = { kind: 'result', node: node.index, path: [] };
  const unplaced: Value = { kind: 'literal', value: null };
  return settled({
    name: node.batch ? unplaced : { kind: 'concat', parts: [index] },
    index: node.batch ? unplaced : index,
    key: `${node.id}:item`,
    words: `${words} item`,
  });
}
