// The words of a message. Addresses in them do nothing until tapped; then the whole address is shown, and the person
// decides. Made of text nodes only.

import { useState } from 'preact/hooks';
import { t } from '../i18n/translate.ts';

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

export function SaidText({ text }: { text: string }) {
  const [open, setOpen] = useState<string>();
  const parts = partsOf(text);
  return (
    <span dir="auto">
      {parts.map((part, i) =>
        part.address ? (
          <button key={i} type="button" class="inert-link" dir="ltr" onClick={() => setOpen(part.text)}>
            {hostOf(part.text)}
          </button>
        ) : (
          part.text
        ),
      )}
      {open !== undefined && (
        <span class="card" role="group" aria-label={t('link.label')}>
          <span class="small">{t('link.leads')}</span>
          <strong dir="ltr">{hostOf(open)}</strong>
          <span class="copyable" dir="ltr">
            {open}
          </span>
          <span class="row">
            <a class="button" href={open} target="_blank" rel="noopener noreferrer nofollow">
              {t('link.open')}
            </a>
            <button type="button" class="button quiet" onClick={() => setOpen(undefined)}>
              {t('close')}
            </button>
          </span>
        </span>
      )}
    </span>
  );
}

function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}
