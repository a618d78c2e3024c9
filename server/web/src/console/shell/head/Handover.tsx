/** The note to whoever comes next, on top of every view and edited where it stands. Of two who write at once the second is shown
 * both notes, and chooses. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { Pool } from "../../api/schema";
import { type Console, useConsole } from "../../console";
import { problemText } from "../../operations/problem";
import { may } from "../../rights";
import { Dialog } from "../Dialog";
import "./handover.css";

/** Letters of a note at most, as the server takes them. */
const NOTE_MAX = 500;

/** As it was when one began to write: its text, and the pool's revision. */
interface Seen {
  readonly text: string;
  readonly revision: number;
}

export function Handover() {
  const it = useConsole();
  const pool = it.kept.settings.want().value;
  const [seen, setSeen] = useState<Seen | null>(null);
  const text = pool?.handover ?? "";
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setSeen(null);
    opener.current?.focus();
  };
  return (
    <section class="handover" aria-label={t("handover")}>
      <p class="handover-text" data-empty={text === ""} title={text}>
        {text === "" ? t("handover.none") : text}
      </p>
      {may(it.login.session.value, "keep") && (
        <button
          type="button"
          ref={opener}
          disabled={pool === null}
          aria-label={t("handover.edit_note")}
          onClick={() => setSeen({ text, revision: pool?.revision ?? 0 })}
        >
          {t("handover.edit")}
        </button>
      )}
      {seen && <Editing seen={seen} onClose={close} />}
    </section>
  );
}

function Editing({ seen, onClose }: { readonly seen: Seen; readonly onClose: () => void }) {
  const it = useConsole();
  const [text, setText] = useState(seen.text);
  const [revision, setRevision] = useState(seen.revision);
  const [theirs, setTheirs] = useState<string | null>(null);
  const [fault, setFault] = useState("");
  const busy = useRef(false);
  const field = useId();
  const note = useRef<HTMLTextAreaElement>(null);
  useEffect(() => note.current?.focus(), []);
  const left = NOTE_MAX - [...text].length;
  const save = async (note: string, seenRevision: number) => {
    if (busy.current) return;
    busy.current = true;
    const answer = await put(it, note, seenRevision);
    busy.current = false;
    if (answer.ok) {
      it.doing.say(t("handover.saved"), { action: answer.action });
      await it.kept.settings.now();
      onClose();
      return;
    }
    const current = answer.problem.code === "STALE" ? (answer.problem.current as Partial<Pool> | undefined) : undefined;
    if (current === undefined) {
      setFault(problemText(answer.problem, answer.status));
      return;
    }
    setFault("");
    setRevision(current.revision ?? 0);
    const now = current.handover ?? "";
    // The pool has changed, but not its note: what was written is written on top of that.
    if (now === seen.text || now === note) void save(note, current.revision ?? 0);
    else setTheirs(now);
  };
  return (
    <Dialog title={t("handover.edit_note")} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (left >= 0) void save(text, revision);
        }}
      >
        {theirs !== null && (
          <div class="handover-both">
            <p role="alert">{t("handover.stale")}</p>
            <figure>
              <figcaption>{t("handover.theirs")}</figcaption>
              <blockquote>{theirs || t("handover.none")}</blockquote>
              <button type="button" onClick={onClose}>
                {t("handover.keep_theirs")}
              </button>
            </figure>
            <figure>
              <figcaption>{t("handover.yours")}</figcaption>
              <blockquote>{text || t("handover.none")}</blockquote>
              <button type="button" class="main" disabled={left < 0} onClick={() => void save(text, revision)}>
                {t("handover.keep_yours")}
              </button>
              <button type="button" onClick={() => setText(`${theirs}\n${text}`)}>
                {t("handover.both")}
              </button>
            </figure>
          </div>
        )}
        <label for={field}>{t("handover.label")}</label>
        <textarea id={field} ref={note} rows={4} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <p class="quiet" data-fault={left < 0}>
          {t("handover.left", { left: count(left) })}
        </p>
        <p class="login-fault" role="alert">
          {fault}
        </p>
        <div class="perform-buttons">
          <button type="submit" class="main" disabled={left < 0}>
            {t("handover.save")}
          </button>
          <button type="button" onClick={onClose}>
            {t("handover.cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function put(it: Console, handover: string, revision: number) {
  const header = { "If-Match": `"${revision}"`, "Idempotency-Key": newKey() };
  const params = { path: { pool: it.pool }, header };
  return answerOfWrite(() => it.api.PATCH("/v1/pools/{pool}", { params, body: { handover } }));
}
