/** A level, and how grave an alert is, as shapes: nobody has to tell colours apart. */

const LEVELS: Readonly<Record<string, string>> = {
  // A disc that empties: enough, at most 20 %, at most 10 %.
  ok: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Z",
  low: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Zm0 1.2v7.6a3.8 3.8 0 0 0 0-7.6Z",
  lower: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Zm0 1.2V6H2.2A3.8 3.8 0 1 0 6 2.2Z",
  // The last ones: a triangle that warns.
  last: "M6 .8 11.4 11H.6Zm-.7 3.7.2 3.2h1l.2-3.2Zm-.1 4v1.3h1.6V8.500Z",
  // All in checkouts: an empty ring with a hand of a clock.
  all_held:
    "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Zm0 1.3a3.7 3.7 0 1 0 0 7.400 3.7 3.7 0 0 0 0-7.400ZM5.500 3.500h1v2.300l1.600 1-.500.900L5.500 6.400Z",
  // Sold out: a cross.
  sold_out:
    "M2.300 1.200 6 4.900 9.700 1.200l1.100 1.100L7.100 6l3.700 3.700-1.100 1.100L6 7.100l-3.700 3.700-1.100-1.100L4.900 6 1.200 2.300Z",
  // Stopped: two bars.
  frozen: "M2.500 1.500h2.500v9H2.500Zm4.500 0h2.500v9H7Z",
};

const SEVERITIES: Readonly<Record<string, string>> = {
  watch:
    "M6 1.500a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9Zm0 1.300a3.200 3.200 0 1 0 0 6.400 3.200 3.200 0 0 0 0-6.400Z",
  warning: "M6 .8 11.4 11H.6Zm-.7 3.7.2 3.2h1l.2-3.2Zm-.1 4v1.300h1.600V8.500Z",
  critical: "M3.700.7h4.600l3 3v4.600l-3 3H3.700l-3-3V3.700Zm1.500 2.300.2 4h1.200l.2-4Zm0 4.800v1.500h1.600V7.800Z",
};

interface Props {
  readonly name: string;
}

function Mark({
  path,
  kind,
  name,
}: {
  readonly path: string | undefined;
  readonly kind: string;
  readonly name: string;
}) {
  return (
    <svg class={`mark ${kind}`} data-mark={name} viewBox="0 0 12 12" aria-hidden="true">
      <path d={path ?? ""} fill-rule="evenodd" />
    </svg>
  );
}

export function LevelMark({ name }: Props) {
  return <Mark path={LEVELS[name]} kind="level-mark" name={name} />;
}

export function SeverityMark({ name }: Props) {
  return <Mark path={SEVERITIES[name]} kind="severity-mark" name={name} />;
}
