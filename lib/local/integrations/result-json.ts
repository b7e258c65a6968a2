import type { AwsAnswer } from './aws-service.ts';

/** A service's output as JSON text: dates as ISO 8601, bytes as base64, what is absent left out. */
export function outputJson(output: object): string {
  return JSON.stringify(plain(output));
}

/** The same, with what the optimized integrations say of the response. */
export function outputWithMetadata({ output, statusCode, requestId, headers }: AwsAnswer): string {
  const shown = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [HEADER_NAMES[name] ?? name, value]),
  );
  return outputJson({
    ...output,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(
        Object.entries(shown).map(([name, value]) => [name, [value]]),
      ),
      HttpHeaders: shown,
      HttpStatusCode: statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
  });
}

/** As AWS writes them. */
const HEADER_NAMES: Readonly<Record<string, string>> = {
  'content-length': 'Content-Length',
  'content-type': 'Content-Type',
  date: 'Date',
  server: 'Server',
  connection: 'Connection',
  'x-amzn-requestid': 'x-amzn-RequestId',
};

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Set) return [...value].map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}
