// The picture of a persona or conversation: three overlapping soft shapes from a seed, never a face, and told apart by
// lightness alone too. Not its concern: where the seed comes from.

import { useMemo } from 'preact/hooks';

interface Shape {
  readonly path: string;
  readonly fill: string;
}

/** A closed soft outline round a centre: six points at varied distances, joined by smooth curves. */
function blob(bytes: Uint8Array, at: number): string {
  const byte = (i: number) => (bytes[(at + i) % bytes.length] ?? 0) / 255;
  const x = 18 + byte(0) * 28;
  const y = 18 + byte(1) * 28;
  const size = 13 + byte(2) * 15;
  const turn = byte(3) * Math.PI;
  const points = Array.from({ length: 6 }, (_, i) => {
    const distance = size * (0.72 + 0.5 * byte(4 + i));
    const angle = turn + (i * Math.PI) / 3;
    return [x + Math.cos(angle) * distance, y + Math.sin(angle) * distance] as const;
  });
  const middle = (i: number) => {
    const [ax, ay] = points[i % 6]!;
    const [bx, by] = points[(i + 1) % 6]!;
    return `${((ax + bx) / 2).toFixed(1)} ${((ay + by) / 2).toFixed(1)}`;
  };
  const curves = points.map((_, i) => {
    const [cx, cy] = points[(i + 1) % 6]!;
    return `Q${cx.toFixed(1)} ${cy.toFixed(1)} ${middle(i + 1)}`;
  });
  return `M${middle(0)}${curves.join('')}Z`;
}

/** Pure: the same seed gives the same picture everywhere. */
export function shapesOf(seed: Uint8Array): { readonly ground: string; readonly shapes: readonly Shape[] } {
  const bytes = seed.length === 0 ? new Uint8Array(32) : seed;
  const hue = Math.round(((bytes[0] ?? 0) / 255) * 360);
  const second = (hue + 40 + ((bytes[1] ?? 0) % 120)) % 360;
  const lightFirst = (bytes[2] ?? 0) % 2 === 0;
  const lights = lightFirst ? [40, 62, 28] : [62, 34, 50];
  return {
    ground: `hsl(${hue} 30% 86%)`,
    shapes: [4, 14, 23].map((at, i) => ({
      path: blob(bytes, at),
      fill: `hsl(${i === 1 ? second : hue} ${34 + i * 6}% ${lights[i]}%)`,
    })),
  };
}

export function Picture({ seed, size = 44, label }: { seed: Uint8Array; size?: number; label?: string }) {
  const { ground, shapes } = useMemo(() => shapesOf(seed), [seed]);
  return (
    <svg
      class="picture"
      width={size}
      height={size}
      viewBox="0 0 64 64"
      {...(label === undefined ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': label })}
    >
      <rect width="64" height="64" fill={ground} />
      {shapes.map(({ path, fill }) => (
        <path key={path} d={path} fill={fill} fill-opacity="0.82" />
      ))}
    </svg>
  );
}
