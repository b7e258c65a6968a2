/** A Response of OpenAI's Responses API with that text, and whatever else is given. */
export function response(text: string, more: Readonly<Record<string, unknown>> = {}): object {
  const message = {
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text, annotations: [] }],
  };
  return {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model: 'gpt-5-2025-08-07',
    incomplete_details: null,
    output: [{ type: 'reasoning', summary: [] }, ...(text === '' ? [] : [message])],
    usage: {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 40 },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 20 },
      total_tokens: 130,
    },
    ...more,
  };
}
