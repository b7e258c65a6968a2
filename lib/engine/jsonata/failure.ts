import { StateFailure } from '../failure.ts';

const ERROR = 'States.QueryEvaluationError';

/** Where an expression stands, for the cause of its failure. */
export interface ExpressionSite {
  readonly source: string;
  /** The field relative to the state: 'Output/values[0]', 'Choices[1]/Condition'. */
  readonly location: string;
}

/** AWS: "The JSONata expression '$x' specified for the field 'Output' returned nothing (undefined)." */
export function undefinedResult(site: ExpressionSite): StateFailure {
  return failure(site, 'returned nothing (undefined).');
}

/** The result holds a function, or what JSON cannot hold. */
export function unsupportedResult(site: ExpressionSite): StateFailure {
  return failure(site, 'returned an unsupported result type.');
}

/**
 * AWS: "... returned an unexpected result type. Expected 'array', but was 'number' for value: 1".
 * For the fields that want one type: Items, Condition, Seconds, MaxConcurrency, ...
 */
export function unexpectedResult(
  site: ExpressionSite,
  expected: string,
  value: unknown,
): StateFailure {
  const text = JSON.stringify(value);
  return failure(
    site,
    `returned an unexpected result type. Expected '${expected}', but was '${typeName(value)}' for value: ${text}`,
  );
}

/** The evaluation threw. JSONata's own errors have a code; the limits on time and size have none. */
export function thrownResult(site: ExpressionSite, thrown: unknown): StateFailure {
  const { code, message } = described(thrown);
  return failure(
    site,
    code === undefined
      ? `threw an error during evaluation: ${message}`
      : `threw an error during evaluation. ${code}: ${message}`,
  );
}

/** The type's name as AWS prints it. */
function typeName(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  return Array.isArray(value) ? 'array' : typeof value;
}

function failure(site: ExpressionSite, what: string): StateFailure {
  const cause = `The JSONata expression '${site.source}' specified for the field '${site.location}' ${what}`;
  return new StateFailure(ERROR, cause, { location: site.location });
}

function described(thrown: unknown): { code?: string; message: string } {
  if (typeof thrown === 'object' && thrown !== null) {
    const { code, message } = thrown as { code?: unknown; message?: unknown };
    const text = typeof message === 'string' ? message : 'Unknown error';
    return typeof code === 'string' ? { code, message: text } : { message: text };
  }
  return { message: String(thrown) };
}
