import { DefinitionUnsupported } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { compileNumber, compileTemplate } from '../field.ts';
import type { QueryLanguage } from '../states/state.ts';
import type { Strand } from '../strand.ts';
import { type ReadRequest, readFailed, readItems } from './item-source.ts';

/** Reads the items of one attempt at a Distributed Map. */
export type ItemReader = (strand: Strand, input: Json) => Promise<readonly Json[]>;

/** Compiles a Map's ItemReader. Throws `DefinitionUnsupported` for Parquet. */
export function compileItemReader(definition: JsonObject, language: QueryLanguage): ItemReader {
  const config = (definition.ReaderConfig ?? {}) as JsonObject;
  if (config.InputType === 'PARQUET') {
    throw new DefinitionUnsupported(
      'An ItemReader asks for the InputType PARQUET, which is not served here. Use CSV, JSON, JSONL or MANIFEST.',
    );
  }
  const action = String(definition.Resource).split(':::')[1] ?? '';
  const where = language === 'JSONata' ? definition.Arguments : definition.Parameters;
  const location = language === 'JSONata' ? 'ItemReader/Arguments' : 'ItemReader/Parameters';
  const readWhere = compileTemplate(where ?? {}, language, location);
  const readMax = compileNumber(
    config,
    'MaxItems',
    language,
    'integer',
    'ItemReader/ReaderConfig/MaxItems',
  );
  return async (strand, input) => {
    const parameters = (await readWhere(strand, input)) as JsonObject;
    const maxItems = await readMax?.(strand, input);
    const request = requestOf(action, parameters, config, maxItems);
    return readItems(strand.execution.services.store, request);
  };
}

function requestOf(
  action: string,
  parameters: JsonObject,
  config: JsonObject,
  maxItems: number | undefined,
): ReadRequest {
  const { Bucket: bucket, Key: key, Prefix: prefix } = parameters;
  if (typeof bucket !== 'string') throw readFailed('The ItemReader names no Bucket.');
  return {
    action,
    bucket,
    key: typeof key === 'string' ? key : '',
    prefix: typeof prefix === 'string' ? prefix : '',
    config,
    maxItems,
  };
}
