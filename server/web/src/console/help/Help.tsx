/** All keys, and how a line of the command line is written: from the tables that the code uses. */

import { t } from "../../shared/i18n";
import { GRAMMAR } from "../shell/command/commands";
import { Dialog } from "../shell/Dialog";
import { KEYS, KEYS_ELSEWHERE, singleKeys } from "../shell/keys";

type Shown = readonly (readonly string[])[];

export function Help({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title={t("help.title")} onClose={onClose} wide>
      <div class="help">
        <section aria-labelledby="help-commands">
          <h3 id="help-commands">{t("help.commands")}</h3>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("help.command")}</th>
                <th scope="col">{t("help.does")}</th>
              </tr>
            </thead>
            <tbody>
              {GRAMMAR.map(({ name, form }) => (
                <tr key={name}>
                  <th scope="row">
                    <code>{form}</code>
                  </th>
                  <td>{t(name === "help" ? "command.help_form" : `command.${name}`)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p>{t("command.names")}</p>
        </section>
        <section aria-labelledby="help-keys">
          <h3 id="help-keys">{t("help.keys")}</h3>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("help.key")}</th>
                <th scope="col">{t("help.does")}</th>
              </tr>
            </thead>
            <tbody>
              {[...KEYS, ...KEYS_ELSEWHERE]
                .filter(({ shown }) => shown.length > 0)
                .map(({ name, shown }) => (
                  <tr key={`${name} ${shown}`}>
                    <th scope="row">
                      <Presses shown={shown} />
                    </th>
                    <td>{t(`key.${name}`)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
          <label class="help-single">
            <input
              type="checkbox"
              checked={singleKeys.value}
              onChange={(event) => {
                singleKeys.value = event.currentTarget.checked;
              }}
            />
            {t("help.single")}
          </label>
          <p class="quiet">{t("help.single_hint")}</p>
        </section>
      </div>
    </Dialog>
  );
}

function Presses({ shown }: { readonly shown: Shown }) {
  return shown.map((together, index) => (
    <span key={together.join()}>
      {index > 0 && ` ${t("key.then")} `}
      {together.map((key, place) => (
        <span key={key}>
          {place > 0 && "+"}
          <kbd>{key}</kbd>
        </span>
      ))}
    </span>
  ));
}
