// What the frame itself says, beside the panel. What the panel says is in web/panel/texts.

const WORDS = {
  en: {
    connecting: "Calling {number} as soon as the phone is ready …",
    cancel: "Cancel",
    close: "Close",
    expired: "The phone was not ready in time. {number} was not called.",
    refused: "{number} was not called: {why}",
    invalid_number: "This is no number that can be called.",
    signed_out: "You are not signed in.",
    other: "The phone says “{code}”.",
    sign_in: "Sign in",
    sign_in_why: "Sign in at your telephony platform to use the phone here.",
    sign_in_waiting: "Go on in the window that has opened.",
    sign_in_blocked: "The browser did not open the window. Allow this page to open windows, and try again.",
    sign_in_closed: "The window was closed before you had signed in.",
    unlogged: "A call could not be written down in the CRM: {why} It is tried again.",
    notes: "Notes on {number}",
    notes_hidden: "Notes on the call",
    save: "Save",
    alone: "This page is the phone inside of a CRM. It has to be framed by one of the pages that its relay lists.",
    failed: "The phone could not be loaded: {why}",
  },
  de: {
    connecting: "{number} wird angerufen, sobald das Telefon bereit ist …",
    cancel: "Abbrechen",
    close: "Schließen",
    expired: "Das Telefon war nicht rechtzeitig bereit. {number} wurde nicht angerufen.",
    refused: "{number} wurde nicht angerufen: {why}",
    invalid_number: "Das ist keine Nummer, die sich anrufen lässt.",
    signed_out: "Sie sind nicht angemeldet.",
    other: "Das Telefon meldet „{code}“.",
    sign_in: "Anmelden",
    sign_in_why: "Melden Sie sich bei Ihrer Telefonanlage an, um hier zu telefonieren.",
    sign_in_waiting: "Weiter geht es im Fenster, das sich geöffnet hat.",
    sign_in_blocked: "Der Browser hat das Fenster nicht geöffnet. Erlauben Sie dieser Seite Fenster und versuchen Sie es noch einmal.",
    sign_in_closed: "Das Fenster wurde geschlossen, bevor Sie angemeldet waren.",
    unlogged: "Ein Anruf konnte im CRM nicht festgehalten werden: {why} Es wird noch einmal versucht.",
    notes: "Notizen zu {number}",
    notes_hidden: "Notizen zum Anruf",
    save: "Speichern",
    alone: "Diese Seite ist das Telefon in einem CRM. Sie gehört in einen Rahmen einer der Seiten, die ihr Relay nennt.",
    failed: "Das Telefon konnte nicht geladen werden: {why}",
  },
};

/** The texts of a language. */
export const wordsOf = (lang = "") => WORDS[/^de\b/i.test(lang) ? "de" : "en"];

/** A text with its gaps filled. */
export const fill = (text, gaps) => text.replace(/\{(\w+)\}/g, (gap, name) => gaps[name] ?? gap);
