import type { Json, JsonObject } from '../json.ts';
import type { Provider } from './providers.ts';
import type { Attachment, ContentPart, FilePart } from './request.ts';

/** True where a file is only an address: Chat Completions of OpenAI takes none, its Responses API does. */
export function isRemoteFile(part: ContentPart): boolean {
  return part.type === 'file' && !part.url.startsWith('data:');
}

/** The attachments, then the text: as OpenAI's own examples order them. */
export function withAttachments(
  prompt: string,
  attachments: readonly Attachment[] | undefined,
): string | readonly ContentPart[] {
  if (attachments === undefined || attachments.length === 0) return prompt;
  return [...attachments, { type: 'text', text: prompt }];
}

/** One part of a user message in Chat Completions' words. */
export function chatPart(part: ContentPart, provider: Provider): JsonObject {
  switch (part.type) {
    case 'text':
      return {
        type: 'text',
        text: part.text,
        ...(part.cache && provider.cacheMarks === 'cache_control' ? cacheMark : {}),
      };
    case 'image':
      return {
        type: 'image_url',
        image_url: { url: part.url, ...(part.detail === undefined ? {} : { detail: part.detail }) },
      };
    case 'file':
      return provider.files === 'document_url'
        ? { type: 'document_url', document_url: part.url, document_name: filename(part) }
        : { type: 'file', file: { filename: filename(part), file_data: part.url } };
  }
}

/** One part of a user message in the words of the Responses API. */
export function responsesPart(part: ContentPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text };
    case 'image':
      return { type: 'input_image', image_url: part.url, detail: part.detail ?? 'auto' };
    case 'file':
      return isRemoteFile(part)
        ? { type: 'input_file', file_url: part.url }
        : { type: 'input_file', filename: filename(part), file_data: part.url };
  }
}

/** Anthropic's mark: what stands before it, and it, is kept for the next call. */
export const cacheMark: { readonly cache_control: Json } = { cache_control: { type: 'ephemeral' } };

function filename({ filename: given, url }: FilePart): string {
  return given ?? (url.startsWith('data:application/pdf') ? 'file.pdf' : 'file');
}
