/** ReaderConfig.CSVDelimiter's words. */
const DELIMITERS: Readonly<Record<string, string>> = {
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  SPACE: ' ',
  TAB: '\t',
};

/** The delimiter that a word of ReaderConfig stands for; comma by default. */
export function csvDelimiter(word: string | undefined): string {
  return DELIMITERS[word ?? 'COMMA'] ?? ',';
}

/** Splits delimited text into rows of fields: RFC 4180 quotes, any line end, no empty lines. */
export function parseCsv(text: string, delimiter = ','): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endRow = (): void => {
    if (row.length > 0 || field !== '') rows.push([...row, field]);
    row = [];
    field = '';
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[i + 1] === '"') field += text[++i];
      else quoted = false;
    } else if (char === '"' && field === '') quoted = true;
    else if (char === delimiter) {
      row.push(field);
      field = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r' || text[i + 1] !== '\n') field += char;
  }
  endRow();
  return rows;
}

/** A row as an object: missing fields are empty, extra ones are left out. */
export function csvItem(
  headers: readonly string[],
  row: readonly string[],
): Record<string, string> {
  return Object.fromEntries(headers.map((header, index) => [header, row[index] ?? '']));
}
