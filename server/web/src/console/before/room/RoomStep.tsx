/** The room that is chosen, and a new one. */

import { useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { go } from "../../address";
import { useConsole } from "../../console";
import { Perform } from "../../operations/Perform";
import { useDraft } from "../form/drafts";
import { Field } from "../form/Field";
import { freeName } from "../form/freeName";
import { ChoiceField, MomentField, TextField } from "../form/Plain";
import { SaveRow } from "../form/SaveRow";
import { UnitsField } from "../form/UnitsField";
import { moment } from "../form/values";
import { goToStep } from "../steps";
import { editRoom, gateName, makeRoom, ROOM_FIELDS, roomField } from "./room";

const MINUTES_MAX = 1_440;

export function RoomStep() {
  const it = useConsole();
  const [making, setMaking] = useState(it.room === "");
  return (
    <>
      {it.room !== "" && <TheRoom />}
      <div class="buttons">
        <button type="button" aria-expanded={making} onClick={() => setMaking(!making)}>
          {t("before.room.new")}
        </button>
      </div>
      {making && <NewRoomForm onCancel={() => setMaking(false)} />}
    </>
  );
}

function TheRoom() {
  const it = useConsole();
  const room = it.kept.room.want().value;
  const channels = it.kept.channels.want().value ?? [];
  const edit = useDraft("room", editRoom);
  if (room === null) return <p aria-busy="true">{t("before.reading")}</p>;
  const name = room.title || room.room;
  const channel = channels.find((each) => each.channel === room.channel)?.title || room.channel;
  return (
    <section class="card" aria-label={name}>
      <h4>{name}</h4>
      <p class="quiet">{t("before.room.says", { channel, status: t(`before.room.status.${room.status}`) })}</p>
      <div class="two">
        {ROOM_FIELDS.map((field) => (
          <Field
            key={field}
            edit={edit}
            field={field}
            label={roomField(field)}
            hint={t(`before.room.${field}.hint`)}
            nameOf={gateName}
          />
        ))}
      </div>
      <SaveRow
        edit={edit}
        labelOf={roomField}
        nameOf={(_field, gate) => gateName(gate)}
        done={t("before.room.saved", { title: name })}
      />
    </section>
  );
}

function NewRoomForm({ onCancel }: { readonly onCancel: () => void }) {
  const it = useConsole();
  const channels = it.kept.channels.want().value ?? [];
  const [title, setTitle] = useState("");
  const [channel, setChannel] = useState("");
  const [start, setStart] = useState("");
  const [minutes, setMinutes] = useState<number | null>(null);
  const taken = it.live.rooms.value.map(({ room }) => room);
  const chosen = channel || channels[0]?.channel || "";
  const room = freeName(title, taken, "room");
  const operation = useMemo(() => {
    const at = moment.read(start);
    const plan = { planned_start_ms: at.ok ? at.value : null, planned_minutes: minutes };
    const channelTitle = channels.find((each) => each.channel === chosen)?.title || chosen;
    return makeRoom(it, { room, title: title.trim(), channel: chosen, ...plan }, channelTitle);
  }, [it, room, title, chosen, start, minutes, channels]);
  if (channels.length === 0) {
    return (
      <p class="empty">
        {t("before.room.no_channel")}{" "}
        <button type="button" onClick={() => goToStep("split")}>
          {t("before.channel.new")}
        </button>
      </p>
    );
  }
  return (
    <section class="card narrow-form" aria-label={t("before.room.new")}>
      <h4>{t("before.room.new")}</h4>
      <TextField
        label={roomField("title")}
        hint={title.trim() === "" ? roomField("title.hint") : t("before.room.address", { room })}
        value={title}
        onValue={setTitle}
      />
      <ChoiceField
        label={t("before.room.channel")}
        value={chosen}
        onValue={setChannel}
        choices={channels.map((each) => [each.channel, each.title || each.channel] as const)}
      />
      <MomentField label={roomField("planned_start_ms")} value={start} onValue={setStart} />
      <UnitsField label={roomField("planned_minutes")} value={minutes} onValue={setMinutes} max={MINUTES_MAX} />
      <Perform
        operation={operation}
        onDone={() => {
          goToStep("shelf");
          go({ pool: it.pool, room, view: "before" });
        }}
        onCancel={onCancel}
      />
    </section>
  );
}
