// Puts theme, contrast, motion, language and direction on the document's root, where the style sheets look for them.

import { effect } from '@preact/signals';
import { directionOf } from '../i18n/locales.ts';
import { locale } from '../i18n/translate.ts';
import { preferences } from './preferences.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');
const moreContrast = matchMedia('(prefers-contrast: more)');

/** Follows the preferences and the device from now on. */
export function followAppearance(): void {
  const apply = () => {
    const { theme, contrast, motion } = preferences.value;
    const root = document.documentElement;
    root.dataset['theme'] = theme === 'auto' ? (dark.matches ? 'dark' : 'light') : theme;
    root.dataset['contrast'] = contrast === 'more' || moreContrast.matches ? 'more' : 'normal';
    root.dataset['motion'] = motion;
    root.lang = locale();
    root.dir = directionOf(locale());
  };
  effect(apply);
  dark.addEventListener('change', apply);
  moreContrast.addEventListener('change', apply);
}

export function prefersLessMotion(): boolean {
  return preferences.value.motion === 'less' || matchMedia('(prefers-reduced-motion: reduce)').matches;
}
