// Cuts what was said into words and web addresses. Pure; joined again the parts are the text. Not its concern: showing
// them (said-text.tsx).

const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/gi;

export interface TextPart {
  readonly text: string;
  readonly address: boolean;
}

/** Cuts a text into words and web addresses; joined again they are the text. */
export function partsOf(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), address: false });
    parts.push({ text: match[0], address: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), address: false });
  return parts;
}
