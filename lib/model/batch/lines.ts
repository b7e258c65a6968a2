/**
 * The lines of a file as it comes, without their ends; empty ones are left out.
 * @param secret stands in no line: a provider may repeat the key that it was sent. null: there is none
 */
export async function* linesOf(
  body: ReadableStream<Uint8Array>,
  secret: string | null,
): AsyncGenerator<string> {
  for await (const line of wholeLines(body)) {
    yield secret === null ? line : line.replaceAll(secret, '[key]');
  }
}

async function* wholeLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const parts = decoder.decode(bytes, { stream: true }).split('\n');
    // A long line comes in many pieces: it is looked through once.
    parts[0] = rest + (parts[0] ?? '');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line.trim() !== '') yield line;
  }
  rest += decoder.decode();
  if (rest.trim() !== '') yield rest;
}
