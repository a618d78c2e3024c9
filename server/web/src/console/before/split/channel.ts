/** A channel as one types it: how it sells, and what the split makes of it. */

import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { Channel, ChannelKind } from "../../api/schema";
import type { Console } from "../../console";
import { Edit, type Kinds, type Seen } from "../form/edit";
import { choice, decimal, line, whole } from "../form/values";

export interface Terms {
  readonly title: string;
  readonly kind: ChannelKind;
  readonly weight: number;
  readonly floor_units: number | null;
  readonly cap_units: number | null;
}

const WEIGHT_MAX = 1_000;
const UNITS_MAX = 1_000_000_000;
const TITLE_MAX = 200;
export const CHANNEL_FIELDS = ["title", "kind", "weight", "floor_units", "cap_units"] as const;

export const CHANNEL_KINDS: Kinds<Terms> = {
  title: line(TITLE_MAX),
  kind: choice<ChannelKind>("shared", "dedicated"),
  weight: decimal({ min: 0, max: WEIGHT_MAX }),
  floor_units: whole({ min: 0, max: UNITS_MAX }),
  cap_units: whole({ min: 0, max: UNITS_MAX }),
};

export const channelField = (field: string) => t(`before.channel.${field}`);
export const kindName = (kind: string) => t(`before.channel.kind.${kind}`);

/** With all of the channel, which is written whole. */
interface SeenChannel extends Seen<Terms> {
  readonly whole: Channel;
}

function seenOf(channel: Channel): SeenChannel {
  const { title, kind, weight, floor_units, cap_units, revision } = channel;
  return { values: { title, kind, weight, floor_units, cap_units }, revision, whole: channel };
}

export function editChannel(it: Console, channel: string): Edit<Terms> {
  const path = { pool: it.pool, channel };
  return new Edit<Terms>({
    kinds: CHANNEL_KINDS,
    seen: () => {
      const found = it.kept.channels.value.value?.find((each) => each.channel === channel);
      return found === undefined ? null : seenOf(found);
    },
    write: async (_changes, began, all) => {
      const header = { "If-Match": `"${began.revision}"`, "Idempotency-Key": newKey() };
      const { low_mark, low_mark_units, weights } = (began as SeenChannel).whole;
      const body = { low_mark, low_mark_units, weights, ...all };
      const answer = await answerOfWrite(() =>
        it.api.PUT("/v1/pools/{pool}/channels/{channel}", { params: { path, header }, body }),
      );
      await it.kept.channels.now();
      return answer;
    },
    theirs: (current) => seenOf(current as Channel),
  });
}

/** Make a channel; one of that name must not be there. */
export function makeChannel(it: Console, channel: string, title: string, kind: ChannelKind) {
  return {
    label: t("before.channel.make"),
    says: () => t(`before.channel.make.${kind}`, { title: title || channel }),
    hindered: () => {
      if (title === "" && channel === "") return t("before.channel.make.missing");
      const taken = it.kept.channels.value.value?.some((each) => each.channel === channel);
      return taken ? t("before.channel.make.taken") : "";
    },
    done: t("before.channel.made", { title: title || channel }),
    run: async (key: string) => {
      const params = { path: { pool: it.pool, channel }, header: { "Idempotency-Key": key } };
      const answer = await answerOfWrite(() =>
        it.api.PUT("/v1/pools/{pool}/channels/{channel}", { params, body: { title, kind } }),
      );
      it.kept.channels.changed();
      return answer;
    },
  };
}
