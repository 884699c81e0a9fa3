// What the card says.

const WORDS = {
  en: {
    call: "Call",
    copy: "Copy",
    copied: "Copied",
    refused: "Not allowed on this page",
    extension: "ext. {extension}",
    dialog: "Phone number {number}",
    enter: "Phone numbers on this page",
    keys: "Arrow keys: next and previous number. Escape: close.",
    failed: "Phone numbers on this page cannot be marked.",
  },
  de: {
    call: "Anrufen",
    copy: "Kopieren",
    copied: "Kopiert",
    refused: "Auf dieser Seite nicht erlaubt",
    extension: "Durchwahl {extension}",
    dialog: "Telefonnummer {number}",
    enter: "Telefonnummern auf dieser Seite",
    keys: "Pfeiltasten: nächste und vorige Nummer. Escape: schließen.",
    failed: "Telefonnummern auf dieser Seite können nicht markiert werden.",
  },
};

/** The words of a language tag. */
export const wordsOf = (lang) => WORDS[/^de\b/i.test(lang) ? "de" : "en"];

/** A country's name in a language; nothing for numbers that have no country. */
export const countryOf = (region, lang) => {
  if (!region) return "";
  try {
    return new Intl.DisplayNames([lang || "en"], { type: "region" }).of(region);
  } catch {
    return region;
  }
};
