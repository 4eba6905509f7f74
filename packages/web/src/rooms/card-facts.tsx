// A room's card: what it is for, who hosts it and by which rules. The same before and after one goes in.

import type { Door, RoomCard } from '@sotto/client';
import { duration } from '../i18n/dates.ts';
import { locale, t } from '../i18n/translate.ts';

interface CardFactsProps {
  readonly card: RoomCard;
  readonly door: Door;
  readonly memberCount?: number | undefined;
}

/** The name of a language in the reader's own. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([locale()], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

export function CardFacts({ card, door, memberCount }: CardFactsProps) {
  const facts: readonly (readonly [name: string, value: string])[] = [
    ...(card.host === '' ? [] : [[t('card.host'), card.host] as const]),
    ...(card.hours === '' ? [] : [[t('card.hours'), card.hours] as const]),
    ...(card.language === '' ? [] : [[t('card.language'), languageName(card.language)] as const]),
    [
      t('card.people'),
      memberCount === undefined
        ? t('card.upTo', { places: card.places })
        : t('card.places', { count: memberCount, places: card.places }),
    ],
    [t('card.door'), t(`door.${door}`)],
    [t('card.kept'), t('card.keptFor', { time: duration(card.retentionHours * 3_600) })],
    [t('card.files'), t(card.files ? 'card.files.all' : 'card.files.hosts')],
    [t('card.seal'), t(card.postQuantum ? 'card.quantum' : 'card.classic')],
  ];
  return (
    <>
      {card.focus !== '' && <p dir="auto">{card.focus}</p>}
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt class="muted small">{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      {card.unhostedAfterMinutes > 0 && <p class="muted small">{t(`card.unhosted.${card.unhosted}`)}</p>}
      {door === 'open' && <p class="muted small">{t('door.openWarning')}</p>}
    </>
  );
}

export function CardRules({ card }: { readonly card: RoomCard }) {
  if (card.rules.length === 0) return <p>{t('card.noRules')}</p>;
  return (
    <ol class="rules">
      {card.rules.map((rule) => (
        <li key={rule} dir="auto">
          {rule}
        </li>
      ))}
    </ol>
  );
}
