// Keeps the focus somewhere: what has it may vanish (a menu closes, a conversation is deleted, a button gives way to what
// it opened), and a browser then leaves the keyboard and the screen reader at nothing. It goes to what is left around the
// place, else to the heading of the screen. Not its concern: where a screen that just opened begins (screen.tsx).

const FOCUSABLE =
  'button:not([disabled]), a[href], input:not([disabled]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex="0"]';

const isShown = (element: Element): boolean => element.checkVisibility();

function firstIn(around: Element): HTMLElement | undefined {
  return [...around.querySelectorAll<HTMLElement>(FOCUSABLE)].find(isShown);
}

/** The heading of the screen that is shown, the innermost pane first. */
function headingShown(root: Element): HTMLElement | undefined {
  const headings = [...root.querySelectorAll<HTMLElement>('.pane-main h1, .pane-list h1')];
  return headings.find(isShown);
}

/**
 * Watches from now on, as long as the page lives.
 * @param root - What the page is drawn into.
 */
export function keepFocus(root: HTMLElement): void {
  /** What had the focus last and all around it, from the inside out. */
  let path: Element[] = [];
  root.addEventListener('focusin', ({ target }) => {
    path = [];
    for (let at = target as Element | null; at !== null && at !== root; at = at.parentElement) path.push(at);
  });
  const look = () => {
    const [last] = path;
    const { activeElement } = document;
    const isNowhere = activeElement === null || activeElement === document.body;
    // Someone who clicked on nothing wants it to be nowhere: then the last one is still there.
    if (last === undefined || !isNowhere || (last.isConnected && isShown(last))) return;
    const left = path.filter((one) => one.isConnected && isShown(one));
    path = [];
    // A whole pane or the page is no place nearby: there the heading tells where one is.
    const near = left.find((one) => !one.matches('.scroll, .column, .pane, .panes, .shell'));
    const next = (near && firstIn(near)) ?? headingShown(root);
    next?.focus({ preventScroll: next.matches('h1') });
  };
  // A screen that opens takes the focus itself, right after it was drawn.
  new MutationObserver(() => requestAnimationFrame(look)).observe(root, { childList: true, subtree: true });
}
