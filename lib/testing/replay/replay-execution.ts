import { compileWorkflow } from '../../asl/compile.ts';
import { substitute } from '../../asl/document.ts';
import { VirtualClock } from '../../engine/clock/virtual-clock.ts';
import { createEngine, type Engine } from '../../engine/engine.ts';
import type { HistoryEvent } from '../../engine/history/event.ts';
import { loadMachine } from '../../engine/machine.ts';
import type { JsonObject } from '../../json.ts';
import { foldRun } from '../../run/fold.ts';
import type { Run } from '../../run/run.ts';
import type { Workflow } from '../../workflow/workflow.ts';
import { seededRandom } from '../seeded-random.ts';
import { type Divergence, missing, outcomeDifference } from './divergence.ts';
import { eventsIn } from './export.ts';
import { recordedCalls } from './recorded-call.ts';
import { recordedTasks } from './recorded-tasks.ts';

export interface ReplayOptions {
  /** The execution's name, which is not in its history. Default: the one that its model calls tell. */
  readonly name?: string;
  /**
   * 'same': a call must have the recorded input, or it is refused. 'any': it gets the next answer that its
   * state was given, whatever it asks now. Default: 'same'.
   */
  readonly inputs?: 'same' | 'any';
  /** For the jitter of retries. Default: 1. */
  readonly seed?: number;
}

export interface Replay {
  /** What happened in AWS, as the command line and the API tell it. */
  readonly recorded: Run;
  /** What happens now, with the recorded answers. */
  readonly replayed: Run;
  readonly history: readonly HistoryEvent[];
  /** Where it goes another way; empty: nowhere. */
  readonly divergences: readonly Divergence[];
}

/**
 * Runs a workflow, or a definition, against an execution that was exported from AWS: each task gets the
 * answer that was recorded for its state and input, after the recorded time, on a virtual clock. A call
 * that the export does not have fails with 'Replay.NotRecorded'.
 *
 * Compared are calls and the end, not each event: task tokens, the names of a deployment's functions and
 * tables, causes and the length of waits may differ.
 *
 * @param exported what `aws stepfunctions get-execution-history --include-execution-data --output json`
 *   prints: text, parsed, a list of pages or of events
 * @throws UsageError for an export that cannot be replayed: data left out or cut, events missing, a
 *   Distributed Map, a redrive; DefinitionInvalid
 */
export async function replayExecution(
  flow: Workflow | JsonObject | string,
  exported: unknown,
  { name, inputs = 'same', seed = 1 }: ReplayOptions = {},
): Promise<Replay> {
  const events = eventsIn(exported);
  const recordedAll = recordedCalls(events);
  const first = events[0] as HistoryEvent;
  const { text, marks, workflow } = documentOf(flow);
  const tasks = recordedTasks(recordedAll, { engine: () => engine, marks, inputs });
  const engine: Engine = createEngine({
    tasks,
    clock: new VirtualClock({ now: first.timestamp }),
    random: seededRandom(seed),
  });
  const id = name ?? nameIn(events) ?? 'replayed';
  const machine = loadMachine(text, { refuse: (arn) => tasks.refuse(arn) });
  const execution = engine.start(machine, {
    name: id,
    input: first.details?.input ?? '{}',
    stateMachineArn: `arn:aws:states:us-east-1:123456789012:stateMachine:${workflow}`,
  });
  await execution.done;
  const recorded = foldRun({ id, workflow }, events);
  const replayed = foldRun({ id, workflow }, execution.history);
  return {
    recorded,
    replayed,
    history: execution.history,
    divergences: [
      ...tasks.refused,
      ...tasks.left.map(missing),
      ...outcomeDifference(recorded, replayed),
    ],
  };
}

/** The document, with marks for what a deployment gives names to. */
function documentOf(flow: Workflow | JsonObject | string) {
  if (typeof flow === 'string') return { text: flow, marks: [], workflow: 'replayed' };
  if (!isWorkflow(flow)) return { text: JSON.stringify(flow), marks: [], workflow: 'replayed' };
  const { definition, functions, name } = compileWorkflow(flow);
  const placeholders = [...definition.matchAll(/\$\{(\w+)\}/g)].map(([, found = '']) => found);
  const isFunction = new Set(functions.map(({ placeholder }) => placeholder));
  const mark = (placeholder: string) => `replayed-${placeholder}`;
  const values = placeholders.map((each) => [
    each,
    isFunction.has(each)
      ? `arn:aws:lambda:us-east-1:123456789012:function:${mark(each)}`
      : mark(each),
  ]);
  return {
    text: substitute(definition, Object.fromEntries(values)),
    marks: placeholders.map(mark),
    workflow: name,
  };
}

function isWorkflow(flow: Workflow | JsonObject): flow is Workflow {
  return 'graph' in flow;
}

/** A model call tells whose turn it is: its run's name. */
function nameIn(events: readonly HistoryEvent[]): string | undefined {
  for (const { details } of events) {
    const found = /"turn":\s*{"run":\s*"([0-9A-Za-z_-]{1,80})"/.exec(
      String(details?.input ?? details?.parameters ?? ''),
    );
    if (found) return found[1];
  }
  return undefined;
}
