import { fitsBytes, PAYLOAD_LIMIT, Payload } from '../../engine/payload.ts';
import { invalidExecutionInput } from './service-error.ts';

/**
 * Checks the input of an execution: JSON of at most 256 KiB that nests at most 1,000 deep. Default: '{}'.
 * @throws ServiceError `InvalidExecutionInput`, in the words of AWS's parser where they are known.
 */
export function executionInput(text = '{}'): string {
  if (text.trim() === '') throw invalidExecutionInput('Invalid execution input.');
  if (!fitsBytes(text, PAYLOAD_LIMIT)) {
    throw invalidExecutionInput(
      `The input takes more than the ${PAYLOAD_LIMIT} bytes that an execution may have.`,
    );
  }
  try {
    Payload.ofText(text);
  } catch (error) {
    throw invalidExecutionInput(problem(text, error));
  }
  return text;
}

/** Where the text is wrong from its start AWS's words; otherwise ours, without a part of the input. */
function problem(text: string, error: unknown): string {
  if (error instanceof RangeError) return error.message;
  const word = /^\s*([A-Za-z_$][\w$]*)/.exec(text)?.[1];
  if (word !== undefined) {
    return `Unrecognized token '${word}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
  }
  const key = /^\s*\{\s*([^"}\s])/.exec(text)?.[1];
  if (key !== undefined) {
    return `Unexpected character ('${key}' (code ${key.charCodeAt(0)})): was expecting double-quote to start field name`;
  }
  return 'The input is not valid JSON.';
}
