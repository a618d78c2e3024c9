/** To freeze a SKU, a channel, a room or the pool; what is frozen already is offered to be thawed. */

import { useId, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../../shared/i18n";
import type { FreezeScope } from "../api/schema";
import { useConsole } from "../console";
import { Perform } from "../operations/Perform";
import { freezeCall, freezeReach } from "./calls";
import { useOutlook } from "./outlook";
import { isNamed, SCOPES, type Target } from "./target";

/** Names that are offered while one types. */
const OFFERED_MAX = 200;
const REASON_MAX = 200;

export function FreezeCall() {
  const it = useConsole();
  const [scope, setScope] = useState<FreezeScope>("sku");
  const [names, setNames] = useState<Readonly<Record<string, string>>>({ room: it.room });
  const [reason, setReason] = useState("");
  const id = useId();
  const typed = names[scope] ?? "";
  const offered = useOffered(scope, typed);
  const isKnown = scope === "pool" || offered.all.includes(typed);
  const target: Target = { scope, name: scope === "pool" || !isKnown ? "" : typed };
  return (
    <section class="emergency-call" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{t("emergency.freeze.title")}</h3>
      <fieldset class="emergency-scopes">
        <legend>{t("emergency.freeze.what")}</legend>
        {SCOPES.map((each) => (
          <label key={each}>
            <input type="radio" name={`${id}-scope`} checked={each === scope} onChange={() => setScope(each)} />
            {t(`emergency.scope.${each}`)}
          </label>
        ))}
      </fieldset>
      {scope !== "pool" && (
        <label class="emergency-field">
          {t(`emergency.name.${scope}`)}
          <input
            type="text"
            value={typed}
            list={`${id}-names`}
            maxLength={128}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setNames({ ...names, [scope]: event.currentTarget.value })}
          />
        </label>
      )}
      <datalist id={`${id}-names`}>
        {offered.some.map(({ name, label }) => (
          <option key={name} value={name} label={label} />
        ))}
      </datalist>
      <label class="emergency-field">
        {t("emergency.reason")}
        <input
          type="text"
          value={reason}
          maxLength={REASON_MAX}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      {isNamed(target) ? (
        <Ready key={`${target.scope} ${target.name}`} target={target} reason={reason} onDone={() => setReason("")} />
      ) : (
        <p class="emergency-hint">{t(typed === "" ? "emergency.choose" : "emergency.unknown", { name: typed })}</p>
      )}
    </section>
  );
}

interface ReadyProps {
  readonly target: Target;
  readonly reason: string;
  readonly onDone: () => void;
}

/** The call with its sentence: as long as it is frozen, that to thaw it. */
function Ready({ target, reason, onDone }: ReadyProps) {
  const it = useConsole();
  const said = useRef(reason);
  said.current = reason;
  const outlook = useOutlook(it, `${target.scope} ${target.name}`, () => freezeReach(it, target));
  // What is asked is a thaw: it changes something where it is frozen.
  const isFrozen = outlook.answer.value?.ok === true && outlook.answer.value.value.changed;
  const operation = useMemo(
    () => freezeCall(it, target, !isFrozen, outlook.answer, () => said.current),
    [outlook, isFrozen],
  );
  const done = () => {
    onDone();
    void outlook.now();
  };
  return <Perform key={String(isFrozen)} operation={operation} onDone={done} />;
}

/** Names of a kind: all that there are, and those of them that are offered for what is typed. */
function useOffered(scope: FreezeScope, typed: string) {
  const it = useConsole();
  const channels = it.kept.channels.want().value;
  const skus = it.live.skus.value;
  const rooms = it.live.rooms.value;
  const all =
    scope === "sku"
      ? skus
      : scope === "channel"
        ? (channels ?? []).map(({ channel }) => channel)
        : scope === "room"
          ? rooms.map(({ room }) => room)
          : [];
  const like = typed.toLowerCase();
  const some = all.filter((name) => name.toLowerCase().includes(like)).slice(0, OFFERED_MAX);
  return { all, some: some.map((name) => ({ name, label: scope === "sku" ? it.titleOf(name) : name })) };
}
