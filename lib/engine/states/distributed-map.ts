import type { Json, JsonObject } from '../../json.ts';
import type { MapItem } from '../context-object.ts';
import { mapExitFollowsStart } from '../era.ts';
import { failureDetails } from '../execution.ts';
import { compileNumber, type Field } from '../field.ts';
import type { PastVisit } from '../history/past.ts';
import type { Machine } from '../machine.ts';
import { compileItemBatcher, type ItemBatcher } from '../map-run/item-batcher.ts';
import { compileItemReader, type ItemReader } from '../map-run/item-reader.ts';
import { MapRun } from '../map-run/map-run.ts';
import {
  type ChildResult,
  compileResultWriter,
  type ResultWriter,
} from '../map-run/result-writer.ts';
import { compileTolerance, type Tolerance } from '../map-run/tolerance.ts';
import type { Payload } from '../payload.ts';
import type { Strand, Wait } from '../strand.ts';
import { resultTooLarge } from '../task/resource.ts';
import { TaskFailure } from '../task/task-port.ts';
import { HandledState } from './handled-state.ts';
import { checkConcurrency, compileItemSelector, compileItems, type ItemSelector } from './map.ts';
import type { CompileContext, Failure, StateDefinition } from './state.ts';

/** Runs its item processor as child executions with histories of their own: a Map Run. */
export class DistributedMapState extends HandledState {
  readonly #label: string;
  readonly #machine: Machine;
  readonly #items: Field<readonly Json[]>;
  readonly #reader: ItemReader | undefined;
  readonly #select: ItemSelector;
  readonly #batcher: ItemBatcher | undefined;
  readonly #writer: ResultWriter;
  readonly #concurrency: Field<number> | undefined;
  readonly #tolerance: Field<Tolerance> | undefined;

  constructor(name: string, definition: StateDefinition, context: CompileContext) {
    super(name, definition, context);
    const { language } = context;
    const { ItemReader, ItemBatcher, ResultWriter, Label } = definition;
    this.#label = typeof Label === 'string' ? Label : name.replace(/[^0-9A-Za-z_-]/g, '');
    this.#machine = compileChild(definition, context);
    this.#items = compileItems(definition, context);
    this.#select = compileItemSelector(definition, context);
    if (ItemReader) this.#reader = compileItemReader(ItemReader as JsonObject, language);
    if (ItemBatcher) this.#batcher = compileItemBatcher(ItemBatcher as JsonObject, language);
    this.#writer = compileResultWriter(ResultWriter as JsonObject | undefined, language);
    this.#concurrency = compileNumber(definition, 'MaxConcurrency', language);
    this.#tolerance = compileTolerance(definition, language);
  }

  execute(strand: Strand): void {
    this.#begin(strand, undefined);
  }

  protected retry(strand: Strand): void {
    this.execute(strand);
  }

  /** The Map Run goes on under its ARN: children that succeeded are not run again. */
  resume(strand: Strand, past: PastVisit): void {
    strand.previous = past.last;
    const run = past.find('MapRunStarted');
    const redriven = strand.execution.identity.redriveCount;
    if (run && past.endedBeforeRedrive) {
      const mapRunArn = run.details?.mapRunArn;
      strand.record('MapRunRedriven', { mapRunArn, redriveCount: redriven });
    }
    this.#begin(strand, past);
  }

  /** A Map Run that had started fails with its Map, also where the Map is tried again. */
  override failed(strand: Strand, failure: Failure): void {
    if (strand.waiting instanceof RunInProgress)
      strand.record('MapRunFailed', failureDetails(failure));
    super.failed(strand, failure);
  }

  protected gaveUp(strand: Strand, failure: Failure): void {
    if (failure.error !== 'States.Runtime') strand.record('MapStateFailed');
  }

  #begin(strand: Strand, past: PastVisit | undefined): void {
    const input = this.flow.input(strand);
    strand.when(this.#concurrency?.(strand, input.value) ?? 0, (maxConcurrency) => {
      checkConcurrency(maxConcurrency);
      strand.when(this.#reader ? [] : this.#items(strand, input.value), (items) => {
        if (!past?.find('MapStateStarted'))
          strand.record('MapStateStarted', { length: items.length });
        strand.when(this.#tolerance?.(strand, input.value) ?? UNTOLERANT, (tolerance) => {
          const progress = this.#startRun(strand, past);
          strand.waiting = progress;
          strand.when(this.#inputs(strand, input, items), (inputs) => {
            this.#run(strand, input, progress, { ...inputs, maxConcurrency, tolerance }, past);
          });
        });
      });
    });
  }

  /** The Map Run under a new ARN, or under the one that the past knows. */
  #startRun(strand: Strand, past: PastVisit | undefined): RunInProgress {
    const known = past?.find('MapRunStarted');
    const { identity, services } = strand.execution;
    const base = identity.stateMachineArn.replace(':stateMachine:', ':mapRun:');
    const arn =
      (known?.details?.mapRunArn as string | undefined) ??
      `${base}/${this.#label}:${services.uuid()}`;
    const startedId = known?.id ?? strand.record('MapRunStarted', { mapRunArn: arn });
    return new RunInProgress(arn, startedId);
  }

  /** What each child is given: the items, read, selected and batched. */
  async #inputs(strand: Strand, input: Payload, given: readonly Json[]): Promise<RunInputs> {
    const values = this.#reader ? await this.#reader(strand, input.value) : given;
    const items = values.map((Value, Index): MapItem => ({ Index, Value }));
    const inputs = await Promise.all(items.map(this.#select(strand, input)));
    if (!this.#batcher) return { inputs, items };
    return { inputs: await this.#batcher(strand, input.value, inputs), items: undefined };
  }

  #run(
    strand: Strand,
    input: Payload,
    progress: RunInProgress,
    work: RunInputs & { readonly maxConcurrency: number; readonly tolerance: Tolerance },
    past: PastVisit | undefined,
  ): void {
    const plan = { ...work, arn: progress.arn, label: this.#label, machine: this.#machine };
    const run = new MapRun(strand, plan, (exceeded) => {
      if (exceeded) throw toleranceExceeded();
      const results = run.results as readonly ChildResult[];
      strand.when(this.#writer(strand, input.value, run.arn, results), (result) =>
        this.#succeed(strand, input, progress, result, past),
      );
    });
    progress.run = run;
    strand.execution.mapRuns.push(run);
    run.start();
  }

  #succeed(
    strand: Strand,
    input: Payload,
    progress: RunInProgress,
    result: Payload,
    past: PastVisit | undefined,
  ): void {
    if (!result.fits) throw resultTooLarge(this.name);
    strand.waiting = undefined;
    const runEnd = past?.find('MapRunSucceeded')?.id ?? strand.record('MapRunSucceeded');
    strand.previous = runEnd;
    if (!past?.find('MapStateSucceeded')) strand.record('MapStateSucceeded');
    const { startTime } = strand.execution.identity;
    strand.previous = mapExitFollowsStart(startTime) ? progress.startedId : runEnd;
    this.complete(strand, input, result);
  }
}

const UNTOLERANT: Tolerance = { count: undefined, percentage: undefined };

interface RunInputs {
  readonly inputs: readonly Payload[];
  readonly items: readonly MapItem[] | undefined;
}

/** What the Map's strand waits for while its Map Run is under way. */
class RunInProgress implements Wait {
  readonly arn: string;
  /** The id of MapRunStarted. */
  readonly startedId: number;
  run: MapRun | undefined;

  constructor(arn: string, startedId: number) {
    this.arn = arn;
    this.startedId = startedId;
  }

  cancel(): void {
    this.run?.cancel();
  }
}

function toleranceExceeded(): TaskFailure {
  return new TaskFailure(
    'States.ExceedToleratedFailureThreshold',
    'The specified tolerated failure threshold was exceeded',
  );
}

/** The item processor as a machine of its own. */
function compileChild(definition: StateDefinition, context: CompileContext): Machine {
  const processor = (definition.ItemProcessor ?? definition.Iterator) as JsonObject;
  const config = processor.ProcessorConfig as JsonObject;
  const type = config.ExecutionType === 'EXPRESS' ? 'EXPRESS' : 'STANDARD';
  return {
    type,
    program: context.compileProgram(processor, { ...context, type }),
    timeoutSeconds: undefined,
    definition: JSON.stringify(processor),
  };
}
