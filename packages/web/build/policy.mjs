// What the page may do, as Content-Security-Policy: no inline code, no eval, nobody else's server. The page itself talks
// to no one; the worker, which has the network, is held by the server's header. Between build.mjs and any web server.

const page = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  // blob: is a picture or a sound that is in this page already: chosen, recorded or fetched by the worker.
  "img-src 'self' blob:",
  'media-src blob:',
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types sotto',
];

/** For the page's own meta element, so that it holds on any server. */
export const pagePolicy = page.join('; ');

/** Response headers; the policy is the worker's too, which compiles WebAssembly and connects to relays. */
export function serverHeaders() {
  const policy = [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "connect-src 'self' https: wss: ws:",
    "img-src 'self' blob:",
    'media-src blob:',
    "style-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    '/*': {
      'Content-Security-Policy': policy.join('; '),
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(self), geolocation=(), interest-cohort=(), microphone=(self)',
    },
    '/assets/*': { 'Cache-Control': 'public, max-age=31536000, immutable' },
    '/': { 'Cache-Control': 'no-cache' },
    '/sw.js': { 'Cache-Control': 'no-cache' },
  };
}
