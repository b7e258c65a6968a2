import type { JsonObject } from '../../json.ts';
import type { ItemFormat, S3Reader, S3Writer, Value } from '../../workflow/graph.ts';
import { type Reader, template } from '../expression.ts';
import { own } from '../hand.ts';

/** AWS docs: "ItemReader (Map)". A manifest, or an object in a format, or a listing. */
export function itemReader(source: S3Reader, reader: Reader): JsonObject {
  const { bucket, key, version, prefix, maxItems } = source;
  const config = {
    ...readerConfig(source),
    ...(maxItems === null ? {} : { MaxItems: template(maxItems, reader) }),
  };
  const field = (name: string, value: Value | null): JsonObject =>
    value === null ? {} : { [name]: template(value, reader) };
  return {
    Resource: `arn:aws:states:::s3:${key ? 'getObject' : 'listObjectsV2'}`,
    ...(Object.keys(config).length > 0 ? { ReaderConfig: config } : {}),
    Arguments: {
      ...field('Bucket', bucket),
      ...field('Key', key),
      ...field('VersionId', version),
      ...field('Prefix', prefix),
    },
  };
}

function readerConfig({ format, manifest, prefix }: S3Reader): JsonObject {
  if (manifest === 's3-inventory') return { InputType: 'MANIFEST', ManifestType: 'S3_INVENTORY' };
  if (format === null) return {};
  return {
    ...formatConfig(format),
    ...(manifest === 'athena' ? { ManifestType: 'ATHENA_DATA' } : {}),
    ...(prefix ? { Transformation: 'LOAD_AND_FLATTEN' } : {}),
  };
}

function formatConfig(format: ItemFormat): JsonObject {
  switch (format.kind) {
    case 'json':
      return {
        InputType: 'JSON',
        ...(format.pointer === null ? {} : { ItemsPointer: format.pointer }),
      };
    case 'jsonl':
      return { InputType: 'JSONL' };
    case 'csv':
      return {
        InputType: 'CSV',
        CSVHeaderLocation: format.headers ? 'GIVEN' : 'FIRST_ROW',
        ...(format.headers ? { CSVHeaders: [...format.headers] } : {}),
        ...(format.delimiter === 'COMMA' ? {} : { CSVDelimiter: format.delimiter }),
      };
  }
}

/** AWS docs: "ResultWriter (Map)". One JSON value a line: what a later ItemReader can take. */
export function resultWriter({ bucket, prefix }: S3Writer, reader: Reader): JsonObject {
  const hasPrefix = prefix.kind !== 'literal' || prefix.value !== '';
  return {
    Resource: 'arn:aws:states:::s3:putObject',
    WriterConfig: { OutputType: 'JSONL', Transformation: 'COMPACT' },
    Arguments: {
      Bucket: template(bucket, reader),
      ...(hasPrefix ? { Prefix: template(prefix, reader) } : {}),
    },
  };
}

const manifest = own('ResultWriterDetails', 'Key');

/**
 * Where the results are. AWS puts the manifest into a folder of the Map Run's, and beside it the files
 * SUCCEEDED_0.jsonl, SUCCEEDED_1.jsonl and so on (AWS docs: "ResultWriter output").
 */
export const writtenResults: Value = {
  kind: 'object',
  entries: [
    ['bucket', own('ResultWriterDetails', 'Bucket')],
    ['manifest', manifest],
    [
      'prefix',
      {
        kind: 'jsonata',
        texts: ['$replace(', ", /manifest\\.json$/, 'SUCCEEDED_')"],
        values: [manifest],
        path: [],
      },
    ],
  ],
};
