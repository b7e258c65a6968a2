import type { Environment } from '../callback/aws-request.ts';
import { PayloadError } from '../errors.ts';
import type { Json } from '../json.ts';
import { resolvePayloads } from '../payload/resolve.ts';
import { payloadStoreOf } from '../payload/store.ts';
import type { ApprovalRequest } from '../run/approval.ts';

/** Characters of JSON that a page shows: a Lambda function may answer 6 MB, and HTML takes more room. */
const longest = 2_000_000;

/**
 * The request with what earlier steps had put aside in its place, as a person wants to read it. Where
 * that is gone, or more than a page can show, its beginning stands there, as it does in the run's data.
 * @param environment CLOUDGATHER_PAYLOADS: where large values are kept
 */
export async function wholeRequest(
  request: ApprovalRequest,
  environment: Environment,
): Promise<ApprovalRequest> {
  const { question, details, run } = request;
  try {
    const asked: Json = { question, details };
    const whole = await resolvePayloads(asked, run, () => payloadStoreOf(environment));
    if (whole === asked || JSON.stringify(whole).length > longest) return request;
    const { question: text, details: more } = whole as typeof asked & { question: Json };
    return { ...request, question: textOf(text), details: more ?? null };
  } catch (error) {
    if (error instanceof PayloadError) return request;
    throw error;
  }
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
