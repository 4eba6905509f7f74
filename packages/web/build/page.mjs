// The static files around the code: index.html, the manifest and the icon, all of them plain enough to mean nothing to
// someone who looks over a shoulder. Part of build.mjs.
import { pagePolicy } from './policy.mjs';

const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** @returns {string} the page; without scripts it still says whom to call. */
export function pageHtml({ site, first, worker, words, entry, style, preloads, integrity }) {
  const preload = preloads.map(
    (file) =>
      `<link rel="modulepreload" href="/${file}" integrity="${integrity(file)}" crossorigin="anonymous">`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content, viewport-fit=cover">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#F6F3EC">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#121B19">
<meta name="format-detection" content="telephone=no, address=no, email=no">
<title>${escape(site.name)}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="manifest" href="/manifest.webmanifest">
${Object.entries(words)
  .map(([locale, path]) => `<meta name="words-${locale}" content="${path}">`)
  .join('\n')}
<script type="module" async src="/${first}" integrity="${integrity(first)}" crossorigin="anonymous"></script>
<link rel="stylesheet" href="/${style}" integrity="${integrity(style)}" crossorigin="anonymous">
<script type="module" src="/${entry}" integrity="${integrity(entry)}" crossorigin="anonymous"></script>
${preload.join('\n')}
<link rel="preload" as="script" href="/${worker}" integrity="${integrity(worker)}" crossorigin="anonymous" fetchpriority="low">
</head>
<body>
<div id="app"></div>
<noscript>
<main class="plain">
<h1>This page needs JavaScript</h1>
<p>If your life is in danger now, call 112, or 911 in the United States and Canada, 999 in the United Kingdom, 000 in
Australia, 111 in New Zealand.</p>
<p>You can find someone to talk to in your country at <a href="https://findahelpline.com" rel="noreferrer">findahelpline.com</a>.</p>
</main>
</noscript>
</body>
</html>
`;
}

export function manifest(site) {
  const document = {
    name: site.name,
    short_name: site.name,
    start_url: '/',
    scope: '/',
    display: 'standalone',
    background_color: '#F6F3EC',
    theme_color: '#F6F3EC',
    icons: [{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any maskable' }],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** A sheet of paper with two lines. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#6B7B77"/><rect x="18" y="14" width="28" height="36" rx="4" fill="#F6F3EC"/><path d="M24 26h16M24 34h10" stroke="#6B7B77" stroke-width="3" stroke-linecap="round"/></svg>
`;
