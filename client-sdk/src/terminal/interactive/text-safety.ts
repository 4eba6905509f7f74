// What others wrote, made safe to print: nothing they send may move the cursor, recolour or reorder the terminal.

const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;
/** Bidirectional overrides and isolates can make text read as something else. */
const REORDERING = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g;

/** @returns the text with control and reordering characters replaced by U+FFFD; line breaks stay. */
export function printable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(CONTROL, '\ufffd').replace(REORDERING, '\ufffd');
}

/** One line of at most `length` characters, for lists and quotes. */
export function excerpt(text: string, length = 60): string {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  const letters = Array.from(line);
  return letters.length <= length ? line : `${letters.slice(0, length - 1).join('')}…`;
}
