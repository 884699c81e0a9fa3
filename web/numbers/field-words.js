// The phone field's words. Here and not among the elements' texts: only who types a number needs them.

const WORDS = {
  en: {
    hint: "With or without the country code",
    region: "Country",
    choose: "Choose a country",
    search: "Search for a country",
    nowhere: "No country is called that.",
    invalid: "This is not a phone number.",
    country: "The country code is missing. Choose a country or start with +.",
    short: "The number is too short.",
    long: "The number is too long.",
    length: "A digit is missing, or there is one too many.",
    local: "The area code is missing.",
    none: "There is no such number. Check the first digits.",
    extension: "The extension is too long.",
  },
  de: {
    hint: "Mit oder ohne Landesvorwahl",
    region: "Land",
    choose: "Land wählen",
    search: "Land suchen",
    nowhere: "Kein Land heißt so.",
    invalid: "Das ist keine Telefonnummer.",
    country: "Die Landesvorwahl fehlt. Wählen Sie ein Land, oder beginnen Sie mit +.",
    short: "Die Nummer ist zu kurz.",
    long: "Die Nummer ist zu lang.",
    length: "Eine Ziffer fehlt oder ist zu viel.",
    local: "Die Ortsvorwahl fehlt.",
    none: "Diese Nummer gibt es nicht. Prüfen Sie die ersten Ziffern.",
    extension: "Die Durchwahl ist zu lang.",
  },
};

/** The words of a language; English where it has none. */
export const wordsIn = (lang) => WORDS[/^de\b/i.test(lang) ? "de" : "en"];
