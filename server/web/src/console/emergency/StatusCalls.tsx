/** The room's show: to begin, pause, go on with or end it. */

import { useId, useMemo } from "preact/hooks";
import { t } from "../../shared/i18n";
import { useConsole } from "../console";
import { GateShut } from "../gate/gate";
import { Perform } from "../operations/Perform";
import { shutBy } from "../operations/stage";
import { STEPS, stepCall, stepReach } from "./calls";
import type { Step } from "./effectWords";
import { useOutlook } from "./outlook";

export function StatusCalls() {
  const it = useConsole();
  const id = useId();
  const room = it.room === "" ? null : it.kept.room.want().value;
  const title = room?.title || it.room;
  return (
    <section class="emergency-call" aria-labelledby={id}>
      <h3 id={id}>{t("emergency.show.title")}</h3>
      {it.room === "" && <p class="emergency-hint">{t("do.no_room")}</p>}
      {room !== null && (
        <>
          <p>{t("emergency.show.status", { room: title, status: t(`emergency.status.${room.status}`) })}</p>
          {STEPS[room.status].map((step) => (
            <ShowStep key={`${room.status} ${step}`} step={step} title={title} />
          ))}
        </>
      )}
    </section>
  );
}

function ShowStep({ step, title }: { readonly step: Step; readonly title: string }) {
  const it = useConsole();
  const outlook = useOutlook(it, `${it.room} ${step}`, () => stepReach(it, it.room, step));
  const operation = useMemo(() => stepCall(it, it.room, title, step, outlook.answer), [outlook, step, title]);
  const changed = () => it.kept.room.changed();
  const shut = shutBy(outlook.answer.value);
  return shut === null ? (
    <Perform operation={operation} onDone={changed} />
  ) : (
    <GateShut problem={shut} onDone={changed} />
  );
}
