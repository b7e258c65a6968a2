import type { Json, JsonObject } from '../../../json.ts';
import { chatBody } from '../../../model/chat-body.ts';
import { type Provider, providerNamed } from '../../../model/providers.ts';
import type { ModelRequest } from '../../../model/request.ts';
import { nothing, type Value } from '../../../workflow/graph.ts';
import { fixedValue, type HttpCallNode } from '../../../workflow/http-lane.ts';
import { connectionPlaceholder, endpointPlaceholder } from '../../connection-needs.ts';
import { resourceMark } from '../../document.ts';
import { type Reader, template } from '../../expression.ts';
import { checkPayload } from '../../limits.ts';
import { inertText } from '../../literal.ts';
import { type Ending, type Exit, endingFields, type Place, readerAt } from '../../place.ts';
import { httpAnswer } from './http-answer.ts';
import { httpCatch, httpRetry } from './http-failure.ts';

/**
 * Step Functions calls the provider itself: an HTTP Task, whose one request is what a function would send
 * (`chatBody`), with the key that an EventBridge connection holds. Its result is the provider's reply, of
 * which the state's own Output takes the answer. One transition, as in every lane; a failure that nobody
 * retries takes one more, in which it gets its name.
 */
export function httpCallState(place: Place, node: HttpCallNode, exit: Exit): Ending {
  const { names } = place.scope;
  const name = names.state(node.id);
  const isFirst = place.first === node.id;
  const provider = providerNamed(node.target.provider);
  const fields = new Map(node.payload.kind === 'object' ? node.payload.entries : []);
  const { request, wrapped } = requestOf(fields, provider);
  const answer = httpAnswer(request, provider, wrapped);
  const body = withWords(request.body, fields, provider, readerAt(place, isFirst));
  checkPayload(body, name);
  const ending = answer.checked(exit(node.gives === 'output' ? answer.output : answer.response));
  place.machine.add(name, {
    Type: 'Task',
    Resource: 'arn:aws:states:::http:invoke',
    Arguments: {
      ApiEndpoint: resourceMark(endpointPlaceholder(provider.name)),
      Method: 'POST',
      Authentication: { ConnectionArn: resourceMark(connectionPlaceholder(provider.name)) },
      RequestBody: body,
    },
    TimeoutSeconds: node.timeoutSeconds,
    Retry: httpRetry(node.retry),
    ...httpCatch(place, node, request.model),
    ...endingFields(place, ending, isFirst),
  });
  return { next: name, assign: [], output: null };
}

/** The request as far as it is fixed, and its body without the words. */
function requestOf(
  fields: ReadonlyMap<string, Value>,
  provider: Provider,
): { readonly request: ModelRequest & { readonly body: JsonObject }; readonly wrapped: boolean } {
  const words = ['instructions', 'prompt', 'messages'];
  const fixed = [...fields].filter(([key]) => !words.includes(key));
  const request = Object.fromEntries(
    fixed.map(([key, value]) => [key, fixedValue(value)]),
  ) as unknown as ModelRequest;
  const { body, wrapped } = chatBody({ ...request, prompt: '' }, provider);
  return { request: { ...request, body }, wrapped };
}

/** The body, user text inert, with the messages that a run fills. */
function withWords(
  body: JsonObject,
  fields: ReadonlyMap<string, Value>,
  { instructionsRole }: Provider,
  reader: Reader,
): JsonObject {
  const instructions = fields.get('instructions');
  const given = fields.get('messages');
  const asked = given
    ? (template(given, reader) as readonly Json[])
    : [{ role: 'user', content: template(fields.get('prompt') ?? nothing, reader) }];
  const first = instructions
    ? [{ role: instructionsRole, content: template(instructions, reader) }]
    : [];
  return { ...(inert(body) as JsonObject), messages: [...first, ...asked] };
}

function inert(value: Json): Json {
  if (typeof value === 'string') return inertText(value);
  if (Array.isArray(value)) return value.map(inert);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, inert(child)]));
}
