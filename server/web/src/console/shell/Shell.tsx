/** What is around every view. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { count } from "../../shared/format";
import { type Language, t } from "../../shared/i18n";
import { addressOf, go, VIEWS, where } from "../address";
import type { Answer } from "../api/client";
import { Console, ConsoleProvider } from "../console";
import { later, soon } from "../later";
import { may } from "../rights";
import type { Login, Session } from "../session";
import { Counter, LOADED_LATER, VIEW_OF } from "../views";
import { Attention } from "./attention/attention";
import { tellHappenings } from "./attention/happenings";
import { Voice } from "./attention/voice";
import { CommandLine, openCommandLine } from "./command/CommandLine";
import { undoOfOwn } from "./command/carried";
import { Drawer } from "./Drawer";
import { Crew } from "./head/Crew";
import { Handover } from "./head/Handover";
import { Head } from "./head/Head";
import { InForce } from "./head/InForce";
import { Settings } from "./head/Settings";
import { useKeys } from "./keys";
import { firstOf, PlacesKept } from "./places";
import { Said } from "./Said";
import { watchLeaving } from "./since/lasthere";
import "./shell.css";

interface Props {
  readonly login: Login;
  /** What stood against the link that the page was opened with. */
  readonly refused: Promise<Answer<Session> | null>;
}

type Panel = "" | "actions" | "since" | "help";

const CONTENT = "view";
/** What is looked at now and then. */
const SINCE = { en: () => import("./since/en.json"), zh: () => import("./since/zh.json") };
const Since = later<{ leftAtMs: number | null }>(
  async () => (await import("./since/Since")).Since,
  async (spoken: Language) => (await SINCE[spoken]()).default,
);
const ActionList = later(async () => (await import("./undo/ActionList")).ActionList);
const HELP = { en: () => import("../help/en.json"), zh: () => import("../help/zh.json") };
const Help = later<{ onClose: () => void }>(
  async () => (await import("../help/Help")).Help,
  async (spoken: Language) => (await HELP[spoken]()).default,
);
/** What the board opens without. */
const Missed = later<{ attention: Attention }>(async () => (await import("./Missed")).Missed);
const LogIn = later<Props>(async () => (await import("./login/LogIn")).LogIn);
const LogInAgain = later<{ login: Login }>(async () => (await import("./login/LogIn")).LogInAgain);
const NoPool = later<{ login: Login; onMade: () => void }>(async () => (await import("./NoPool")).NoPool);
const NotForYou = later<{ login: Login; session: Session }>(async () => (await import("./NotForYou")).NotForYou);

export function Shell({ login, refused }: Props) {
  const state = login.state.value;
  const session = login.session.value;
  if (state === "unknown") return <main class="console-wait" aria-busy="true" />;
  if (session === null) return <LogIn login={login} refused={refused} />;
  return (
    <>
      {state === "ended" && <LogInAgain login={login} />}
      {may(session, "pool") ? (
        <Chosen login={login} session={session} />
      ) : may(session, "count") ? (
        <Counter login={login} />
      ) : (
        <NotForYou login={login} session={session} />
      )}
    </>
  );
}

/** The pool and the room that are chosen; the first ones where none are. */
function Chosen({ login, session }: { readonly login: Login; readonly session: Session }) {
  const places = useMemo(() => new PlacesKept(login), [login]);
  const { pool, room } = where.value;
  const found = places.value.value;
  useEffect(() => void places.read(), [places, session]);
  useEffect(() => {
    const first = pool === "" && found !== null ? firstOf(found) : null;
    if (first !== null) go(first);
  }, [pool, found]);
  if (pool !== "") return <Opened key={`${pool} ${room}`} login={login} places={places} pool={pool} room={room} />;
  if (found !== null && firstOf(found) === null) return <NoPool login={login} onMade={() => void places.read()} />;
  return (
    <main class="login" aria-busy={places.trouble.value === ""}>
      <p role="alert">{places.trouble.value}</p>
    </main>
  );
}

interface OpenedProps {
  readonly login: Login;
  readonly places: PlacesKept;
  readonly pool: string;
  readonly room: string;
}

function Opened({ login, places, pool, room }: OpenedProps) {
  const it = useMemo(() => new Console(login, pool, room), []);
  const voice = useMemo(() => new Voice(), []);
  const attention = useMemo(() => new Attention(it, voice), []);
  const leaving = useMemo(() => watchLeaving(pool, () => it.live.pool.serverNowMs()), []);
  const [panel, setPanel] = useState<Panel>("");
  const content = useRef<HTMLElement>(null);
  useEffect(() => {
    const ends = [tellHappenings(it, voice), () => attention.dispose(), () => voice.dispose(), leaving.stop];
    return () => {
      for (const end of ends) end();
      it.close();
    };
  }, []);
  useEffect(() => soon([...LOADED_LATER, ActionList, Since, Help, LogInAgain, Missed]), []);
  const edges = useEdges();
  useKeys((action) => {
    if (action.kind === "command") openCommandLine();
    else if (action.kind === "view") go({ view: action.view });
    else if (action.kind === "panel") setPanel((now) => (now === action.panel ? "" : action.panel));
    else undoOwn(it);
  });
  const { view } = where.value;
  const shown = useRef(view);
  useEffect(() => {
    // What had the focus in the view before has gone with it.
    if (shown.current !== view && document.activeElement === document.body) content.current?.focus();
    shown.current = view;
  }, [view]);
  const View = VIEW_OF[view];
  const toggle = (which: Panel) => setPanel((now) => (now === which ? "" : which));
  return (
    <ConsoleProvider value={it}>
      <button type="button" class="skip" onClick={() => content.current?.focus()}>
        {t("shell.to_content")}
      </button>
      <header class="console-top" ref={edges.head}>
        <div class="console-row">
          <Head places={places} />
          <div class="console-tools">
            <Crew />
            <Sound attention={attention} />
            <button type="button" aria-expanded={panel === "actions"} onClick={() => toggle("actions")}>
              {t("undo.open")}
            </button>
            <button type="button" aria-expanded={panel === "since"} onClick={() => toggle("since")}>
              {t("since.open")}
            </button>
            <button type="button" aria-haspopup="dialog" onClick={() => toggle("help")}>
              {t("help.open")}
            </button>
            <Settings login={login} />
          </div>
        </div>
        <div class="console-row">
          <nav class="console-views" aria-label={t("shell.views")}>
            {VIEWS.map((each) => (
              <a
                key={each}
                href={addressOf({ pool, room, view: each })}
                aria-current={each === view ? "page" : undefined}
              >
                {t(`shell.view.${each}`)}
              </a>
            ))}
          </nav>
          <InForce />
          <Handover />
        </div>
      </header>
      <main id={CONTENT} ref={content} tabIndex={-1} class="console-content" data-old={isOld(it)}>
        <View />
      </main>
      {panel === "actions" && (
        <Drawer title={t("undo.title")} onClose={() => setPanel("")}>
          <ActionList />
        </Drawer>
      )}
      {panel === "since" && (
        <Drawer title={t("since.title")} onClose={() => setPanel("")}>
          <Since leftAtMs={leaving.leftAtMs} />
        </Drawer>
      )}
      {panel === "help" && <Help onClose={() => setPanel("")} />}
      {attention.missed.value.length > 0 && <Missed attention={attention} />}
      <footer class="console-foot" ref={edges.foot}>
        <CommandLine
          onPage={(command) => {
            if (command.kind === "go") go({ view: command.view });
            else setPanel("help");
          }}
        />
        <Said />
      </footer>
      <p class="visually-hidden" role="status">
        {voice.text.value}
      </p>
    </ConsoleProvider>
  );
}

/** Whether what stands in the views was true, and may not be any more. */
function isOld({ live }: Console): boolean {
  return !live.connection.value.current && live.pool.heardAtMs !== null;
}

/** How high the head and the foot are, for what fits between them: `--console-head` and `--console-foot`. */
function useEdges() {
  const head = useRef<HTMLElement>(null);
  const foot = useRef<HTMLElement>(null);
  useEffect(() => {
    const { style } = document.documentElement;
    const measured = new ResizeObserver(() => {
      style.setProperty("--console-head", `${head.current?.offsetHeight ?? 0}px`);
      style.setProperty("--console-foot", `${foot.current?.offsetHeight ?? 0}px`);
    });
    for (const { current } of [head, foot]) if (current) measured.observe(current);
    return () => measured.disconnect();
  }, []);
  return { head, foot };
}

/** Ctrl+Z: one's own last action, or a word that there is none. */
function undoOwn(it: Console): void {
  const operation = undoOfOwn(it);
  if (operation === null) it.doing.say(t("undo.nothing"), { isFault: true });
  else void it.doing.perform(operation);
}

/** How many alerts need somebody, and whether they ring: one press lets a browser make sound. */
function Sound({ attention }: { readonly attention: Attention }) {
  const armed = attention.armed.value;
  const calling = attention.calling.value;
  return (
    <>
      <span
        class="console-calling"
        data-any={calling > 0}
        title={t("attention.now", { count: calling, shown: calling })}
      >
        {t("attention.count", { shown: count(calling) })}
      </span>
      <button type="button" aria-pressed={armed} title={t("sound.hint")} onClick={() => attention.toggle()}>
        {t(armed ? "sound.armed" : "sound.arm")}
      </button>
    </>
  );
}
