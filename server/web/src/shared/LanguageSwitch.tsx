import { LANGUAGES, type Language, language, setLanguage, t } from "./i18n";
import "./LanguageSwitch.css";

/** Each in its own words: somebody who cannot read this page finds theirs. */
const NAMES: Record<Language, string> = { en: "English", zh: "中文" };

/** Buttons to choose the page's language. */
export function LanguageSwitch() {
  return (
    <div class="language-switch" role="group" aria-label={t("language")}>
      {LANGUAGES.map((spoken) => (
        <button
          key={spoken}
          type="button"
          lang={spoken}
          aria-pressed={language.value === spoken}
          onClick={() => setLanguage(spoken)}
        >
          {NAMES[spoken]}
        </button>
      ))}
    </div>
  );
}
