/** What is said: cues to the host, which stand until somebody has acknowledged them, and the notice to everybody. */

import { useState } from "preact/hooks";
import { useSecond } from "../../../shared/clock";
import { age } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { Perform } from "../../operations/Perform";
import { cue, notice } from "../../operations/show";
import { useBoard } from "../model";
import { useKept } from "./kept";

/** Texts at hand. */
const READY = ["last", "restocked", "slower", "faster", "next", "waiting"] as const;
const TEXT_MAX = 500;

export function Said() {
  return (
    <>
      <Cues />
      <Notice />
    </>
  );
}

function Cues() {
  const { it, chosen } = useBoard();
  const [text, setText] = useState("");
  const [isAbout, setAbout] = useState(true);
  const sku = isAbout ? chosen.value : null;
  const said = text.trim();
  const operation = useKept(() => cue(it, said, sku), `${said} ${sku}`);
  const second = useSecond().value;
  const standing = it.stage?.cues.value ?? [];
  return (
    <section aria-labelledby="board-cues">
      <h2 id="board-cues">{t("board.cues")}</h2>
      <div class="side-ready">
        {READY.map((each) => (
          <button key={each} type="button" onClick={() => setText(t(`board.cue.${each}`))}>
            {t(`board.cue.${each}`)}
          </button>
        ))}
      </div>
      <label class="side-wide">
        {t("board.cues.text")}
        <input type="text" maxLength={TEXT_MAX} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      {chosen.value !== null && (
        <label class="side-check">
          <input type="checkbox" checked={isAbout} onChange={(event) => setAbout(event.currentTarget.checked)} />
          {t("board.cues.about", { title: it.titleOf(chosen.value) })}
        </label>
      )}
      {said !== "" && <Perform operation={operation} onDone={() => setText("")} onCancel={() => setText("")} />}
      <h3>{t("board.cues.standing")}</h3>
      {standing.length === 0 && <p class="quiet">{t("board.cues.none")}</p>}
      <ul class="side-cues">
        {standing.map((each) => (
          <li key={each.id}>
            <span>
              {each.sku !== null && <b>{it.titleOf(each.sku)} </b>}
              {each.text}
            </span>{" "}
            <span class="quiet">{t("board.ago", { age: age(Math.max(0, second - each.at_ms)) })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Notice() {
  const { it } = useBoard();
  const [text, setText] = useState("");
  const standing = it.stage?.notice.value?.text ?? "";
  const said = text.trim();
  const [isTaking, take] = useState(false);
  const send = useKept(() => notice(it, said), said);
  const takeBack = useKept(() => notice(it, ""), standing);
  return (
    <section aria-labelledby="board-notice">
      <h2 id="board-notice">{t("board.notice")}</h2>
      {standing === "" ? (
        <p class="quiet">{t("board.notice.none")}</p>
      ) : (
        <p class="side-notice">
          {standing}{" "}
          <button type="button" aria-expanded={isTaking} onClick={() => take(!isTaking)}>
            {t("board.notice.take_back")}
          </button>
        </p>
      )}
      {isTaking && standing !== "" && (
        <Perform operation={takeBack} onDone={() => take(false)} onCancel={() => take(false)} />
      )}
      <label class="side-wide">
        {t("board.notice.text")}
        <input type="text" maxLength={TEXT_MAX} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      {said !== "" && <Perform operation={send} onDone={() => setText("")} onCancel={() => setText("")} />}
    </section>
  );
}
