// A screen's frame: a heading that takes the focus when the screen opens, a way back, and one column of content.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/translate.ts';
import { canGoBack, goBack, isNextToTop } from '../state/place.ts';
import { Icon } from './icon.tsx';

interface HeadingProps {
  readonly children: ComponentChildren;
  readonly quiet?: boolean;
  /** What it says is on the screen already. */
  readonly unseen?: boolean;
}

/** A heading that is focused once, so that a screen reader begins there. */
export function FocusedHeading({ children, quiet, unseen }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (quiet !== true) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} class={unseen === true ? 'unseen' : undefined}>
      {children}
    </h1>
  );
}

export function BackButton() {
  if (!canGoBack.value) return null;
  return (
    <button
      type="button"
      class={`button icon${isNextToTop.value ? ' back-to-top' : ''}`}
      onClick={goBack}
      aria-label={t('back')}
    >
      <Icon name="back" />
    </button>
  );
}

interface ScreenProps {
  readonly title: string;
  /** Text without a button: the keyboard must be able to scroll it. */
  readonly reading?: boolean;
  readonly children: ComponentChildren;
}

export function Screen(props: ScreenProps) {
  return (
    <>
      <div class="head head-column">
        <BackButton />
        <div class="grow">
          <FocusedHeading>{props.title}</FocusedHeading>
        </div>
      </div>
      <div class="scroll" {...(props.reading === true ? { tabIndex: 0 } : {})}>
        <div class="column">{props.children}</div>
      </div>
    </>
  );
}
