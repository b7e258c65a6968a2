import type { JsonObject } from '../../json.ts';
import { ChoiceState } from './choice.ts';
import { DistributedMapState } from './distributed-map.ts';
import { FailState } from './fail.ts';
import { MapState } from './map.ts';
import { ParallelState } from './parallel.ts';
import { PassState } from './pass.ts';
import type { CompileContext, Program, QueryLanguage, State, StateDefinition } from './state.ts';
import { SucceedState } from './succeed.ts';
import { TaskState } from './task.ts';
import { WaitState } from './wait.ts';

type StateClass = new (name: string, definition: StateDefinition, context: CompileContext) => State;

const CLASSES: Readonly<Record<string, StateClass>> = {
  Task: TaskState,
  Pass: PassState,
  Choice: ChoiceState,
  Wait: WaitState,
  Succeed: SucceedState,
  Fail: FailState,
  Parallel: ParallelState,
};

/** Compiles the states of a machine, of a branch or of an item processor. */
export function compileProgram(definition: JsonObject, context: CompileContext): Program {
  const states = new Map<string, State>();
  for (const [name, state] of Object.entries(definition.States as JsonObject)) {
    states.set(name, compileState(name, state as StateDefinition, context));
  }
  return { startAt: definition.StartAt as string, states };
}

function compileState(name: string, definition: StateDefinition, outer: CompileContext): State {
  const language = (definition.QueryLanguage as QueryLanguage | undefined) ?? outer.language;
  const context = language === outer.language ? outer : { ...outer, language };
  const type = definition.Type as string;
  const Class = type === 'Map' ? mapClass(definition) : (CLASSES[type] as StateClass);
  return new Class(name, definition, context);
}

function mapClass(definition: StateDefinition): StateClass {
  const processor = (definition.ItemProcessor ?? definition.Iterator) as JsonObject | undefined;
  const config = processor?.ProcessorConfig as JsonObject | undefined;
  return config?.Mode === 'DISTRIBUTED' ? DistributedMapState : MapState;
}
