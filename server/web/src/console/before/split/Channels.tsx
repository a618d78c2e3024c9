/** The channels of the pool, and the split of its units over them. */

import { useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { Channel, ChannelKind } from "../../api/schema";
import { useConsole } from "../../console";
import { Perform } from "../../operations/Perform";
import { useDraft } from "../form/drafts";
import { Field } from "../form/Field";
import { freeName } from "../form/freeName";
import { ChoiceField, TextField } from "../form/Plain";
import { SaveRow } from "../form/SaveRow";
import { CHANNEL_FIELDS, channelField, editChannel, kindName, makeChannel } from "./channel";
import { Proposals } from "./Proposals";

export function Channels() {
  const it = useConsole();
  const channels = it.kept.channels.want().value;
  const [making, setMaking] = useState(false);
  if (channels === null) return <p aria-busy="true">{t("before.reading")}</p>;
  return (
    <>
      <h4>{t("before.channels")}</h4>
      <div class="buttons">
        <button type="button" aria-expanded={making} onClick={() => setMaking(!making)}>
          {t("before.channel.new")}
        </button>
      </div>
      {making && <NewChannel taken={channels.map(({ channel }) => channel)} onDone={() => setMaking(false)} />}
      {channels.length === 0 && !making && <p class="empty">{t("before.channel.empty")}</p>}
      <ul class="list">
        {channels.map((each) => (
          <ChannelCard key={each.channel} channel={each} />
        ))}
      </ul>
      <Proposals />
    </>
  );
}

function ChannelCard({ channel }: { readonly channel: Channel }) {
  const [open, setOpen] = useState(false);
  const edit = useDraft(`channel ${channel.channel}`, (it) => editChannel(it, channel.channel));
  const name = channel.title || channel.channel;
  const isShared = edit.text("kind") === "shared";
  return (
    <li class="card" aria-label={name}>
      <div class="card-head">
        <strong>{name}</strong>
        <span class="quiet">
          {[
            kindName(channel.kind),
            t("before.channel.weight.says", { weight: channel.weight }),
            channel.floor_units !== null && t("before.channel.floor.says", { count: channel.floor_units }),
            channel.cap_units !== null && t("before.channel.cap.says", { count: channel.cap_units }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
        <button
          type="button"
          aria-expanded={open}
          aria-label={t("before.reserve.change_of", { title: name })}
          onClick={() => setOpen(!open)}
        >
          {t("before.reserve.change")}
        </button>
      </div>
      {open && (
        <>
          <div class="two">
            {CHANNEL_FIELDS.filter((field) => field !== "cap_units" || !isShared).map((field) => (
              <Field
                key={field}
                edit={edit}
                field={field}
                label={channelField(field)}
                hint={t(`before.channel.${field}.hint`)}
                nameOf={kindName}
              />
            ))}
          </div>
          <SaveRow
            edit={edit}
            labelOf={channelField}
            nameOf={(_field, kind) => kindName(kind)}
            done={t("before.channel.saved", { title: name })}
          />
        </>
      )}
    </li>
  );
}

function NewChannel({ taken, onDone }: { readonly taken: readonly string[]; readonly onDone: () => void }) {
  const it = useConsole();
  const [title, setTitle] = useState("");
  const [kind, setKind] = useState<ChannelKind>("dedicated");
  const operation = useMemo(
    () => makeChannel(it, title.trim() === "" ? "" : freeName(title, taken, "channel"), title.trim(), kind),
    [it, taken, title, kind],
  );
  return (
    <section class="card narrow-form" aria-label={t("before.channel.new")}>
      <TextField label={channelField("title")} value={title} onValue={setTitle} />
      <ChoiceField
        label={channelField("kind")}
        hint={t("before.channel.kind.hint")}
        value={kind}
        onValue={(value) => setKind(value as ChannelKind)}
        choices={(["dedicated", "shared"] as const).map((each) => [each, kindName(each)] as const)}
      />
      <Perform operation={operation} onDone={onDone} onCancel={onDone} />
    </section>
  );
}
