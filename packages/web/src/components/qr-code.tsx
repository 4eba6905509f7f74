// A QR code as one SVG path, always dark on white with its quiet zone: cameras need that in dark themes too.

import { useMemo } from 'preact/hooks';
import { encode } from 'uqr';

export function QrCode({ data, label }: { data: string | Uint8Array; label: string }) {
  const { size, path } = useMemo(() => {
    const code = encode(typeof data === 'string' ? data : [...data], { ecc: 'M', border: 3 });
    const squares = code.data.flatMap((line, y) =>
      line.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])),
    );
    return { size: code.size, path: squares.join('') };
  }, [data]);
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
