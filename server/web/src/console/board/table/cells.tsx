/** What stands in each column of a row. Each part is drawn anew alone, when what it shows has changed. */

import { useComputed } from "@preact/signals";
import type { UnitsRow } from "@shelfcast/client/pool";
import type { ComponentType } from "preact";
import { asked } from "../../../shared/asked";
import { count, percent } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { Tile } from "../../../shared/Tile";
import { lastingRangeText } from "../../../staff/lastingRange";
import { levelText } from "../../../staff/level";
import { severityOf } from "../facts";
import { LevelMark, SeverityMark } from "../LevelMark";
import { useBoard, useTitle } from "../model";
import type { ColumnId } from "./columns";
import { Digits } from "./Digits";
import { etaText, NONE, paceText, unitsText } from "./figures";
import { Sparkline } from "./Sparkline";

interface Props {
  readonly sku: string;
}

/** Bars that fit into a cell. */
const BARS_MAX = 8;

function Link({ sku }: Props) {
  const { live } = useBoard().facts;
  return <Digits of={() => String(live.shown(sku)?.link ?? "")} />;
}

function Title({ sku }: Props) {
  const { facts, it } = useBoard();
  const { live } = facts;
  const title = useTitle(sku);
  const image = useComputed(() => live.shown(sku)?.image_url ?? null).value;
  const isGone = useComputed(() => it.stage !== null && live.shown(sku) === undefined).value;
  return (
    <span class="item" title={`${title} · ${sku}`}>
      <Tile sku={sku} title={title} image={image} />
      <span class="item-title">{title}</span>
      {isGone && <span class="quiet">{t("board.gone")}</span>}
    </span>
  );
}

function Air({ sku }: Props) {
  const { live } = useBoard().facts;
  return useComputed(() => live.isOnAir(sku)).value ? <span class="on-air">{t("board.on_air")}</span> : null;
}

function Share({ sku }: Props) {
  const { live } = useBoard().facts;
  const level = useComputed(() => live.shown(sku)?.level ?? "").value;
  const share = useComputed(() => live.metric(sku)?.share_left ?? null);
  const held = useComputed(() => {
    const metric = live.metric(sku);
    return metric === undefined || metric.offered <= 0 ? 0 : Math.min(1, metric.held / metric.offered);
  });
  const style = useComputed(() => `--left:${share.value ?? 0};--held:${held.value}`);
  const word = levelText(level);
  return (
    <span class="share" data-level={level} title={word || t("board.level.ok")}>
      <LevelMark name={level} />
      <span class="share-bar" style={style} aria-hidden="true" />
      <Digits of={() => (share.value === null ? NONE : percent(share.value))} />
      {word !== "" && <span class="visually-hidden">{word}</span>}
    </span>
  );
}

function Eta({ sku }: Props) {
  const { live } = useBoard().facts;
  return (
    <span class="two-lines">
      <Digits of={() => etaText(live.metric(sku))} />
      <Digits class="quiet small" of={() => lastingRangeText(live.metric(sku))} />
    </span>
  );
}

function Pace({ sku }: Props) {
  const { live } = useBoard().facts;
  return (
    <span class="pace">
      <Sparkline sku={sku} />
      <Digits of={() => paceText(live.metric(sku))} />
    </span>
  );
}

function Through({ sku }: Props) {
  const { live } = useBoard().facts;
  return (
    <Digits
      of={() => {
        const metric = live.metric(sku);
        return metric === undefined ? NONE : percent(metric.sell_through);
      }}
    />
  );
}

function Reserve({ sku }: Props) {
  const { live } = useBoard().facts;
  const title = useComputed(() => reserveText(live.units(sku)));
  const part = (units: number | undefined) => (units === undefined || units === 0 ? NONE : count(units));
  return (
    <span class="reserve" title={title}>
      <Digits of={() => part(live.units(sku)?.safety)} />
      <Digits of={() => part(live.units(sku)?.elastic)} />
      <Digits of={() => part(live.units(sku)?.locked)} />
    </span>
  );
}

function Channels({ sku }: Props) {
  const { live } = useBoard().facts;
  const units = useComputed(() => live.units(sku)).value;
  const channels = units?.channels ?? [];
  const most = Math.max(1, ...channels.map(({ allocated, held }) => allocated + held));
  const says = channelsText(units);
  return (
    <span class="channels" role="img" aria-label={says || t("board.channels.none")} title={says}>
      {channels.slice(0, BARS_MAX).map(({ channel, allocated, held }) => (
        <span key={channel} class="channel-bar" style={{ "--free": allocated / most, "--held": held / most }} />
      ))}
      {channels.length > BARS_MAX && <span class="quiet">+{count(channels.length - BARS_MAX)}</span>}
    </span>
  );
}

function Waiting({ sku }: Props) {
  const { live } = useBoard().facts;
  const text = useComputed(() => {
    const people = live.waiting(sku);
    return people === 0 ? "" : count(people);
  });
  return <Digits class="waiting" of={() => text.value} />;
}

function Alerts({ sku }: Props) {
  const { live } = useBoard().facts;
  const alerts = useComputed(() => live.alerts(sku)).value;
  if (alerts === undefined) return null;
  const severity = severityOf(alerts.grave);
  const words = t("board.alerts_of", { count: alerts.count, severity: t(`board.severity.${severity}`) });
  return (
    <span class="alert-count" data-severity={severity} data-ringing={alerts.ringing > 0} title={words}>
      <SeverityMark name={severity} />
      <Digits of={() => String(live.alerts(sku)?.count ?? "")} />
      <span class="visually-hidden">{words}</span>
    </span>
  );
}

function Price({ sku }: Props) {
  const { live } = useBoard().facts;
  return (
    <Digits
      of={() => {
        const shown = live.shown(sku);
        return shown === undefined ? NONE : asked(shown);
      }}
    />
  );
}

function Category({ sku }: Props) {
  const { facts, it } = useBoard();
  it.kept.skus.want();
  const text = useComputed(() => facts.live.terms(sku)?.category ?? "");
  return <span class="cut">{text}</span>;
}

function HeldBy({ sku }: Props) {
  const { live } = useBoard().facts;
  const text = useComputed(() =>
    (live.units(sku)?.channels ?? [])
      .filter(({ held }) => held > 0)
      .map(({ channel, held }) => `${channel} ${count(held)}`)
      .join(" · "),
  );
  return (
    <span class="cut" title={text}>
      <Digits of={() => text.value} />
    </span>
  );
}

/** A figure of the room or of the pool alone. */
const plain =
  (of: (facts: ReturnType<typeof useBoard>["facts"]["live"], sku: string) => number | undefined) =>
  ({ sku }: Props) => {
    const { live } = useBoard().facts;
    return <Digits of={() => unitsText(of(live, sku))} />;
  };

export const CELLS: Readonly<Record<ColumnId, ComponentType<Props>>> = {
  link: Link,
  title: Title,
  air: Air,
  available: plain((facts, sku) => facts.available(sku)),
  held: plain((facts, sku) => facts.shown(sku)?.held),
  sold: plain((facts, sku) => facts.metric(sku)?.sold),
  share: Share,
  eta: Eta,
  pace: Pace,
  through: Through,
  reserve: Reserve,
  channels: Channels,
  waiting: Waiting,
  alerts: Alerts,
  price: Price,
  category: Category,
  held_by: HeldBy,
  unsellable: plain((facts, sku) => facts.units(sku)?.unsellable),
  presale: plain((facts, sku) => facts.units(sku)?.presale),
  pool: plain((facts, sku) => facts.units(sku)?.pool),
  pool_sold: plain((facts, sku) => facts.units(sku)?.channels.reduce((sum, { sold }) => sum + sold, 0)),
};

/** What is in each channel, in words. */
export function channelsText(units: UnitsRow | undefined): string {
  return (units?.channels ?? [])
    .map(({ channel, allocated, held, sold }) =>
      t("board.channels.one", { channel, free: count(allocated), held: count(held), sold: count(sold) }),
    )
    .join("\n");
}

/** What is set aside, in words: the batches by name. */
export function reserveText(units: UnitsRow | undefined): string {
  if (units === undefined) return "";
  const lines = [t("board.reserve.says", { safety: count(units.safety), elastic: count(units.elastic) })];
  for (const { batch, units: inBatch, is_open: isOpen } of units.batches) {
    lines.push(t(isOpen ? "board.reserve.open" : "board.reserve.closed", { batch, units: count(inBatch) }));
  }
  return lines.join("\n");
}
