import type { JsonObject } from '../../json.ts';
import { compileDataFlow } from '../data-flow.ts';
import type { CompileContext } from '../states/state.ts';
import { compileResultStages, type Inspection } from './inspection.ts';
import { type Left, TESTED_NAME, type TestedStrand } from './tested-strand.ts';

/** Runs a Pass, Choice, Wait, Succeed or Fail as the engine does, and tells its data. */
export async function runPlainState(
  definition: JsonObject,
  context: CompileContext,
  strand: TestedStrand,
  inspection: Inspection,
): Promise<Left> {
  const state = strand.program.states.get(TESTED_NAME);
  try {
    if (context.language === 'JSONPath') await inspect(definition, context, strand, inspection);
    state?.execute(strand);
  } catch (error) {
    strand.crash(error);
  }
  return await strand.left;
}

/** A Pass with a Result tells nothing of the input that it replaces; only a Pass has more stages. */
async function inspect(
  definition: JsonObject,
  context: CompileContext,
  strand: TestedStrand,
  inspection: Inspection,
): Promise<void> {
  const flow = compileDataFlow(definition, context);
  const input = flow.input(strand);
  const { Type, Result } = definition;
  if (Type !== 'Pass' || Result === undefined) inspection.add({ afterInputPath: input.value });
  if (Type !== 'Pass') return;
  const work = await flow.work(strand, input);
  inspection.add(Result === undefined ? { afterParameters: work.value } : { result: Result });
  const stages = compileResultStages(definition, context);
  const result = Result === undefined ? work : work.with(Result);
  inspection.add(await stages(strand, work, result));
}
