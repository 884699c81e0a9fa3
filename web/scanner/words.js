// What the card says that is in no text.

import { forIntl } from "../loader/language.js";

/** A country's name in a language; nothing for numbers that have no country. */
export const countryOf = (region, lang) => {
  if (!region) return "";
  try {
    return new Intl.DisplayNames([forIntl(lang), "en"], { type: "region" }).of(region);
  } catch {
    return region;
  }
};
