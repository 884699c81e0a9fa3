/** Of which kind a number is. */
export type NumberKind =
  | 'fixed_line'
  | 'mobile'
  | 'fixed_line_or_mobile'
  | 'toll_free'
  | 'premium_rate'
  | 'shared_cost'
  | 'personal_number'
  | 'voip'
  | 'pager'
  | 'uan'
  | 'voicemail'
  | 'unknown';

/** Why a number cannot be called; empty if it can. */
export type WrongNumber = '' | 'invalid' | 'country' | 'short' | 'long' | 'length' | 'local' | 'none' | 'extension';

/** A number as it was read. Where there is no number at all, only `wrong` and `valid` say something. */
export interface NumberRead {
  wrong: WrongNumber;
  valid: boolean;
  /** `+49301234567`. */
  e164?: string;
  /** Up to 11 digits; empty for none. */
  extension?: string;
  kind?: NumberKind;
  /** Two letters; empty where the number is of no country. */
  region?: string;
  /** As it is written within its country. */
  national?: string;
  international?: string;
}

/** Reads, checks and formats phone numbers of all regions. `region` is two capital letters. */
export interface NumberEngine {
  /** Reads a number as a person writes it; without a country code it is one of `region`. */
  read(text: string, region?: string): NumberRead;
  /** E.164 of a number that can be called, else `undefined`: the fastest answer, for lists. */
  check(text: string, region?: string): string | undefined;
  /** Formats what is typed so far. `caret` is where the caret is, in UTF-16 units, and where it belongs then. */
  type(text: string, caret: number, region?: string): { text: string; caret: number; region: string };
  /** All regions, by country code, the main one of each first. */
  regions(): { region: string; code: string }[];
}

/** Loads the engine, once. Rejects where WebAssembly is refused or there is no browser. */
export function load(): Promise<NumberEngine>;

/** How a phone field speaks and reads. */
export interface EnhanceOptions {
  /** The language; the input's by default. */
  lang?: string;
  /** The country of numbers without a country code: two letters. */
  region?: string;
  /** Texts of your own in the place of the built-in ones, by their keys. */
  texts?: Record<string, string>;
}

/**
 * Makes a phone field of an input, which needs a label and a row of its own. What is to be called is in its attribute
 * `data-number`, or the reason in `data-wrong`. Rejects as `load` does; the input then stays as it is.
 */
export function enhance(input: HTMLInputElement, options?: EnhanceOptions): Promise<void>;
