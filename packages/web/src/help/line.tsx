// One helpline as a card: how to reach it with the exact digits, whether it is open now, and when it was checked.

import type { Contact, ContactView, RowView } from '@sotto/care';
import { localeOfDates } from '../i18n/date-locale.ts';
import { locale, t } from '../i18n/translate.ts';

export function Line({ view: { row, contacts, stale } }: { view: RowView }) {
  const checked = new Intl.DateTimeFormat(localeOfDates(), { dateStyle: 'long', timeZone: 'UTC' });
  return (
    <div class="card">
      <h3 dir="auto">
        {row.localName}
        {row.region !== undefined && <span class="muted small"> · {row.region}</span>}
      </h3>
      {contacts.map((contact, i) => (
        <OneContact key={i} view={contact} />
      ))}
      <p class="muted small">
        {t('care.checkedOn', { date: checked.format(new Date(`${row.checkedOn}T00:00:00Z`)) })}
        {stale && ` ${t('care.stale')}`}
      </p>
    </div>
  );
}

function hrefOf(contact: Contact): string {
  switch (contact.method) {
    case 'chat':
      return contact.url;
    case 'email':
      return `mailto:${contact.address}`;
    default:
      // The whole link, made and judged where the digits are (@sotto/care).
      return contact.tel;
  }
}

function shownOf(contact: Contact): string {
  switch (contact.method) {
    case 'chat':
      return new URL(contact.url).host;
    case 'email':
      return contact.address;
    default:
      return contact.dial;
  }
}

function OneContact({ view: { contact, state } }: { view: ContactView }) {
  const outside = contact.method === 'chat' || contact.method === 'whatsapp';
  const languages = new Intl.DisplayNames([locale()], { type: 'language' });
  const spoken = contact.languages.map((code) => languages.of(code) ?? code).join(', ');
  return (
    <div class="contact">
      <a
        class="button"
        href={hrefOf(contact)}
        {...(outside ? { target: '_blank', rel: 'noopener noreferrer' } : {})}
      >
        <span>{t(`care.method.${contact.method}`)}</span>
        <span class={contact.method === 'chat' || contact.method === 'email' ? '' : 'dial'} dir="ltr">
          {shownOf(contact)}
        </span>
      </a>
      <p class="small muted">
        {contact.method === 'text' && contact.keyword !== undefined && (
          <>{t('care.textKeyword', { keyword: contact.keyword })} </>
        )}
        {contact.method === 'call' && contact.extension !== undefined && (
          <>{t('care.extension', { extension: contact.extension })} </>
        )}
        {t(`care.state.${state}`)}
        {contact.cost !== undefined && ` · ${t(`care.cost.${contact.cost}`)}`}
        {spoken !== '' && ` · ${spoken}`}
      </p>
    </div>
  );
}
