/** A level, and how grave an alert is, as shapes: nobody has to tell colours apart. */

const LEVELS: Readonly<Record<string, string>> = {
  // A disc that empties: enough, at most 20 %, at most 10 %.
  ok: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Z",
  low: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Zm0 1.2v7.6a3.8 3.8 0 0 0 0-7.6Z",
  lower: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Zm0 1.2V6H2.2A3.8 3.8 0 1 0 6 2.2Z",
  // The last ones: a triangle that warns.
  last: "M6 .8 11.4 11H.6Zm-.7 3.7.2 3.2h1l.2-3.2Zm-.1 4v1.3h1.6V8.5Z",
  // All in checkouts: an empty ring with a hand of a clock.
  all_held:
    "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Zm0 1.3a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.4ZM5.5 3.5h1v2.3l1.6 1-.5.9L5.5 6.4Z",
  // Sold out: a cross.
  sold_out: "M2.3 1.2 6 4.9 9.7 1.2l1.1 1.1L7.1 6l3.7 3.7-1.1 1.1L6 7.1l-3.7 3.7-1.1-1.1L4.9 6 1.2 2.3Z",
  // Stopped: two bars.
  frozen: "M2.5 1.5h2.5v9H2.5Zm4.5 0h2.5v9H7Z",
};

const SEVERITIES: Readonly<Record<string, string>> = {
  watch: "M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Zm0 1.3a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4Z",
  warning: "M6 .8 11.4 11H.6Zm-.7 3.7.2 3.2h1l.2-3.2Zm-.1 4v1.3h1.6V8.5Z",
  critical: "M3.7.7h4.6l3 3v4.6l-3 3H3.7l-3-3V3.7Zm1.5 2.3.2 4h1.2l.2-4Zm0 4.8v1.5h1.6V7.8Z",
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
