import type { Json } from '../../json.ts';
import {
  anything,
  type FieldCheck,
  integer,
  isObject,
  jsonata,
  oneOf,
  path,
  template,
  text,
} from './field-check.ts';
import type { Site } from './site.ts';
import {
  both,
  checkFields,
  type FieldRule,
  jsonataOnly,
  jsonPathOnly,
  requireFields,
} from './state-rules.ts';

type Fields = Readonly<Record<string, FieldRule>>;

const readerConfig: FieldCheck = (value, site) =>
  checkObject(value, site, {
    InputType: both(oneOf('CSV', 'JSON', 'JSONL', 'MANIFEST', 'PARQUET')),
    CSVHeaderLocation: both(oneOf('FIRST_ROW', 'GIVEN')),
    CSVHeaders: both(anything),
    CSVDelimiter: both(oneOf('COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB')),
    ManifestType: both(oneOf('ATHENA_DATA', 'S3_INVENTORY')),
    MaxItems: both(integer(0, 100_000_000)),
    MaxItemsPath: jsonPathOnly(path),
    Transformation: both(oneOf('NONE', 'LOAD_AND_FLATTEN')),
    ItemsPointer: both(text),
  });

/** ItemReader: where a Distributed Map's items come from. */
export const itemReader: FieldCheck = (value, site) => {
  const fields = {
    Resource: both(text),
    Parameters: jsonPathOnly(template),
    Arguments: jsonataOnly(jsonata()),
    ReaderConfig: both(readerConfig),
    Comment: both(anything),
  };
  if (checkObject(value, site, fields)) {
    requireFields(value as Record<string, Json>, ['Resource'], site);
  }
};

/** ItemBatcher: how items are put together. */
export const itemBatcher: FieldCheck = (value, site) => {
  checkObject(value, site, {
    BatchInput: both(template),
    MaxItemsPerBatch: both(integer(1)),
    MaxItemsPerBatchPath: jsonPathOnly(path),
    MaxInputBytesPerBatch: both(integer(1)),
    MaxInputBytesPerBatchPath: jsonPathOnly(path),
    Comment: both(anything),
  });
};

const writerConfig: FieldCheck = (value, site) => {
  checkObject(value, site, {
    OutputType: both(oneOf('JSON', 'JSONL')),
    Transformation: both(oneOf('NONE', 'COMPACT', 'FLATTEN')),
  });
};

/** ResultWriter: where a Distributed Map's results go. */
export const resultWriter: FieldCheck = (value, site) => {
  checkObject(value, site, {
    Resource: both(text),
    Parameters: jsonPathOnly(template),
    Arguments: jsonataOnly(jsonata()),
    WriterConfig: both(writerConfig),
    Comment: both(anything),
  });
};

function checkObject(value: Json, site: Site, fields: Fields): boolean {
  if (!isObject(value)) {
    site.fail('Value must be an object');
    return false;
  }
  checkFields(value, fields, site);
  return true;
}
