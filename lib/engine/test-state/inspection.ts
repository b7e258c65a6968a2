import type { Json, JsonObject } from '../../json.ts';
import { compileDataFlow, type DataFlow } from '../data-flow.ts';
import type { Payload } from '../payload.ts';
import type { CompileContext } from '../states/state.ts';
import type { Strand } from '../strand.ts';
import type { InspectionData } from './request.ts';

/** Collects what a test tells of the data on its way, in the order in which it comes about. */
export class Inspection {
  readonly #data: { -readonly [K in keyof InspectionData]: InspectionData[K] };

  constructor(input: Json) {
    this.#data = { input };
  }

  add(more: Partial<InspectionData>): void {
    Object.assign(this.#data, more);
  }

  get data(): InspectionData {
    return this.#data;
  }
}

/** The result of a JSONPath state on its way: what the state's own flow does in one step. */
export interface ResultStages {
  readonly afterResultSelector: Json;
  readonly afterResultPath: Json;
}

/** Compiles the steps between a JSONPath state's result and its output. */
export function compileResultStages(
  state: JsonObject,
  context: CompileContext,
): (strand: Strand, input: Payload, result: Payload) => Promise<ResultStages> {
  const { OutputPath, Assign, ...untilResultPath } = state;
  const { ResultPath, ...untilResultSelector } = untilResultPath;
  const selected = compileDataFlow(untilResultSelector, context);
  const placed = compileDataFlow(untilResultPath, context);
  const after = async (flow: DataFlow, ...args: [Strand, Payload, Payload]): Promise<Json> =>
    (await flow.finish(...args)).output.value;
  return async (...args) => ({
    afterResultSelector: await after(selected, ...args),
    afterResultPath: await after(placed, ...args),
  });
}
