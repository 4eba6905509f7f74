// The words of a message. Addresses in them do nothing until tapped; then the whole address is shown, and the person
// decides. Made of text nodes only.

import { useState } from 'preact/hooks';
import { t } from '../i18n/translate.ts';
import { partsOf } from './text-parts.ts';

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
