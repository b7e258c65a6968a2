import type { Json, JsonObject } from '../../json.ts';
import { isoTime } from '../context-object.ts';
import { compileTemplate } from '../field.ts';
import { Payload } from '../payload.ts';
import type { QueryLanguage } from '../states/state.ts';
import type { Strand } from '../strand.ts';
import { TaskFailure } from '../task/task-port.ts';

/** One child execution of a Map Run, when it has ended. */
export interface ChildResult {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly input: Payload;
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  /** JSON text; there when it succeeded. */
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startDate: number;
  readonly stopDate: number;
}

/** What the Map state gives for its children's results, in item order. */
export type ResultWriter = (
  strand: Strand,
  input: Json,
  mapRunArn: string,
  results: readonly ChildResult[],
) => Promise<Payload>;

/** Compiles a Map's ResultWriter; without one the children's outputs are the result. */
export function compileResultWriter(
  definition: JsonObject | undefined,
  language: QueryLanguage,
): ResultWriter {
  const config = (definition?.WriterConfig ?? {}) as JsonObject;
  if (!definition?.Resource) {
    return async (_strand, _input, _arn, results) =>
      inState(results, transformation(config, 'COMPACT'), config);
  }
  const where = language === 'JSONata' ? definition.Arguments : definition.Parameters;
  const location = language === 'JSONata' ? 'ResultWriter/Arguments' : 'ResultWriter/Parameters';
  const readWhere = compileTemplate(where ?? {}, language, location);
  return async (strand, input, mapRunArn, results) => {
    const { Bucket, Prefix } = (await readWhere(strand, input)) as JsonObject;
    const target = { bucket: String(Bucket), prefix: typeof Prefix === 'string' ? Prefix : '' };
    return exportResults(strand, target, mapRunArn, results, config);
  };
}

function transformation(config: JsonObject, byDefault: string): string {
  return typeof config.Transformation === 'string' ? config.Transformation : byDefault;
}

function inState(results: readonly ChildResult[], form: string, config: JsonObject): Payload {
  if (config.OutputType === 'JSONL') return Payload.ofValue(body(results, form, config));
  if (form === 'COMPACT' && results.every(({ output }) => output !== undefined))
    return Payload.ofList(results.map(({ output }) => Payload.ofText(output as string)));
  return Payload.ofValue(shownAll(results, form));
}

/** Writes one file for each status, and the manifest that lists them. */
async function exportResults(
  strand: Strand,
  target: { readonly bucket: string; readonly prefix: string },
  mapRunArn: string,
  results: readonly ChildResult[],
  config: JsonObject,
): Promise<Payload> {
  const { store } = strand.execution.services;
  if (!store) throw writeFailed('There is no object store into which to write the results.');
  const run = mapRunArn.slice(mapRunArn.lastIndexOf(':') + 1);
  const folder = target.prefix === '' ? run : `${target.prefix.replace(/\/$/, '')}/${run}`;
  const form = transformation(config, 'NONE');
  const extension = config.OutputType === 'JSONL' ? 'jsonl' : 'json';
  const writeFile = async (status: 'SUCCEEDED' | 'FAILED'): Promise<readonly Json[]> => {
    const some = results.filter((result) => fileOf(result) === status);
    if (some.length === 0) return [];
    const bytes = Buffer.from(body(some, form, config));
    const key = `${folder}/${status}_0.${extension}`;
    await store.put(target.bucket, key, bytes);
    return [{ Key: key, Size: bytes.byteLength }];
  };
  try {
    const files = {
      FAILED: await writeFile('FAILED'),
      PENDING: [],
      SUCCEEDED: await writeFile('SUCCEEDED'),
    };
    const manifest = { DestinationBucket: target.bucket, MapRunArn: mapRunArn, ResultFiles: files };
    const key = `${folder}/manifest.json`;
    await store.put(target.bucket, key, Buffer.from(JSON.stringify(manifest)));
    return Payload.ofValue({
      MapRunArn: mapRunArn,
      ResultWriterDetails: { Bucket: target.bucket, Key: key },
    });
  } catch (error) {
    throw writeFailed(error instanceof Error ? error.message : String(error));
  }
}

function fileOf({ status }: ChildResult): 'SUCCEEDED' | 'FAILED' {
  return status === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED';
}

function writeFailed(cause: string): TaskFailure {
  return new TaskFailure('States.ResultWriterFailed', cause);
}

function body(results: readonly ChildResult[], form: string, config: JsonObject): string {
  const shown = shownAll(results, form);
  if (config.OutputType !== 'JSONL') return JSON.stringify(shown);
  return shown.map((result) => `${JSON.stringify(result)}\n`).join('');
}

/** A child that failed is shown whole in every form, as AWS does. */
function shownAll(results: readonly ChildResult[], form: string): readonly Json[] {
  return results.flatMap((result): readonly Json[] => {
    if (form === 'NONE' || result.output === undefined) return [shownWhole(result)];
    const output = JSON.parse(result.output) as Json;
    return form === 'FLATTEN' && Array.isArray(output) ? output : [output];
  });
}

function shownWhole(result: ChildResult): Json {
  const ended: JsonObject =
    result.output === undefined
      ? {
          ...(result.error !== undefined && { Error: result.error }),
          ...(result.cause !== undefined && { Cause: result.cause }),
        }
      : { Output: result.output, OutputDetails: { Included: true } };
  return {
    ExecutionArn: result.executionArn,
    Input: result.input.text,
    InputDetails: { Included: true },
    Name: result.name,
    ...ended,
    StartDate: isoTime(result.startDate),
    StateMachineArn: result.stateMachineArn,
    Status: result.status,
    StopDate: isoTime(result.stopDate),
  };
}
