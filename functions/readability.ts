export interface Readability {
  readonly words: number;
  readonly sentences: number;
  readonly wordsPerSentence: number;
  readonly longestSentence: string;
}

/** How long the sentences of a text are: what an editor looks at first. */
export async function handler({ text }: { readonly text: string }): Promise<Readability> {
  const segments = new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text);
  const sentences = [...segments].map(({ segment }) => segment.trim()).filter(Boolean);
  const counts = sentences.map((sentence) => sentence.split(/\s+/).length);
  const words = counts.reduce((sum, count) => sum + count, 0);
  const longest = counts.indexOf(Math.max(0, ...counts));
  return {
    words,
    sentences: sentences.length,
    wordsPerSentence: sentences.length === 0 ? 0 : Math.round((words / sentences.length) * 10) / 10,
    longestSentence: sentences[longest] ?? '',
  };
}
