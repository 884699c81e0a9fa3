//! Which numbers may be dialled: closed by default.
//!
//! A number is dialled if it is an ordinary one (fixed, mobile or VoIP) of a configured country and has none of
//! the refused prefixes. The number plans are libphonenumber's, so +1 is told apart by area code: Jamaica and the
//! Dominican Republic are countries of their own there. Everything else is refused without having to be named:
//! premium and shared-cost numbers, toll-free (a business's, seldom reachable from abroad), personal and universal access numbers, pagers, voicemail, satellite
//! and other global networks (+870, +881, +882, +883, +979 …), short and emergency numbers.

use std::collections::BTreeSet;
use std::str::FromStr;

use patchcord_core::number::{MAX_DIGITS, PhoneNumber};
use patchcord_phone::{Kind, ParsedNumber, Region, Style};

/// Which numbers may be dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRules {
    /// The countries that may be dialled.
    pub countries: BTreeSet<Region>,
    /// Numbers that begin with one of these are refused even there.
    pub refuse_prefixes: Vec<Prefix>,
}

/// The beginning of a number, `+` and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(String);

/// A text that begins no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not the beginning of a number")]
pub struct NotAPrefix;

impl FromStr for Prefix {
    type Err = NotAPrefix;

    fn from_str(text: &str) -> Result<Self, NotAPrefix> {
        let digits = text.strip_prefix('+').ok_or(NotAPrefix)?;
        let right = (1..=MAX_DIGITS).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit());
        right.then(|| Self(text.to_owned())).ok_or(NotAPrefix)
    }
}

/// Why a number is not dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No number plan has it.
    NoSuchNumber,
    /// Its country is not configured, or it is of no country.
    Country,
    /// It is of a special type.
    Kind(Kind),
    /// It costs more, or rings someone who must not be rung, though its type is ordinary.
    Service,
    /// It has a refused prefix.
    Prefix,
}

impl NumberRules {
    /// Refuses every number but an ordinary one of a configured country.
    ///
    /// # Errors
    /// Why it is not dialled.
    pub fn judge(&self, number: &PhoneNumber) -> Result<(), Refusal> {
        let known = patchcord_phone::parse(number.as_e164(), None)
            .ok()
            // Parsing drops a national prefix (+49 030 …); what is dialled is the number as it was written.
            .filter(|known| known.format(Style::E164) == number.as_e164())
            .filter(ParsedNumber::is_valid)
            .ok_or(Refusal::NoSuchNumber)?;
        known
            .region()
            .filter(|country| self.countries.contains(country))
            .ok_or(Refusal::Country)?;
        let nanp = known.country_code() == 1;
        match known.kind() {
            Kind::FixedLine | Kind::Mobile | Kind::FixedLineOrMobile => {}
            // In North America these are 600 and the like, which lead to satellite phones too.
            Kind::Voip if !nanp => {}
            kind => return Err(Refusal::Kind(kind)),
        }
        if is_service(number, known.national(), known.area_code_len()) {
            return Err(Refusal::Service);
        }
        let refused = |prefix: &Prefix| number.as_e164().starts_with(&prefix.0);
        if self.refuse_prefixes.iter().any(refused) {
            return Err(Refusal::Prefix);
        }
        Ok(())
    }
}

/// What the number plans count as ordinary though it is a service behind an area code.
///
/// Local emergency numbers can be reached from abroad with an area code in some networks (+49 30 112).
fn is_service(number: &PhoneNumber, national: &str, area: usize) -> bool {
    let Some(local) = national.get(area..) else {
        return true;
    };
    if number.digits().starts_with('1') {
        // N11 are services and emergencies, 976 is pay-per-call, 555-1212 is directory assistance.
        return local.get(1..3) == Some("11")
            || local.starts_with("976")
            || local.starts_with("5551212");
    }
    let open_plan = number.digits().starts_with("49") || number.digits().starts_with("43");
    // No subscriber's number begins with 11 there (inferred); 19222 and 19240 are ambulance and poison control.
    let german_service = ["11", "19222", "19240"]
        .iter()
        .any(|service| local.starts_with(service));
    area > 0 && (local.len() <= 3 || (open_plan && german_service))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(countries: &[&str], refused: &[&str]) -> NumberRules {
        NumberRules {
            countries: countries.iter().map(|code| code.parse().unwrap()).collect(),
            refuse_prefixes: refused.iter().map(|text| text.parse().unwrap()).collect(),
        }
    }

    /// Every number of the table is dialled, or refused for this reason.
    #[track_caller]
    fn expect(rules: &NumberRules, table: &[(&str, Result<(), Refusal>)]) {
        for (number, expected) in table {
            assert_eq!(rules.judge(&number.parse().unwrap()), *expected, "{number}");
        }
    }

    const fn kind(kind: Kind) -> Result<(), Refusal> {
        Err(Refusal::Kind(kind))
    }

    const COUNTRY: Result<(), Refusal> = Err(Refusal::Country);
    const NONE: Result<(), Refusal> = Err(Refusal::NoSuchNumber);
    const SERVICE: Result<(), Refusal> = Err(Refusal::Service);

    #[test]
    fn german_numbers_by_kind() {
        expect(
            &rules(&["DE"], &[]),
            &[
                ("+493012345678", Ok(())),
                ("+49301234", Ok(())),
                ("+4915123456789", Ok(())),
                ("+4932221234567", Ok(())),
                ("+499001234567", kind(Kind::PremiumRate)),
                ("+491371234567", kind(Kind::SharedCost)),
                ("+491805123456", kind(Kind::SharedCost)),
                ("+498001234567", kind(Kind::TollFree)),
                ("+4970012345678", kind(Kind::PersonalNumber)),
                ("+491641234567", kind(Kind::Pager)),
                // Emergency numbers with an area code, the medical service, directory assistance, an ambulance.
                ("+4930112", SERVICE),
                ("+4989110", SERVICE),
                ("+4989116117", SERVICE),
                ("+493011833", SERVICE),
                ("+493019222", SERVICE),
                // Without one they are no numbers of the plan.
                ("+49116117", NONE),
                ("+4919222", NONE),
                // The national prefix: what would be dialled is not what was judged.
                ("+49030123456", NONE),
                ("+41791234567", COUNTRY),
            ],
        );
    }

    #[test]
    fn british_numbers_by_kind_and_the_islands_by_themselves() {
        expect(
            &rules(&["GB"], &[]),
            &[
                ("+442079460018", Ok(())),
                ("+447400123456", Ok(())),
                ("+445612345678", Ok(())),
                ("+449011234567", kind(Kind::PremiumRate)),
                ("+448712345678", kind(Kind::PremiumRate)),
                ("+447012345678", kind(Kind::PersonalNumber)),
                ("+447640123456", kind(Kind::Pager)),
                ("+443001234567", kind(Kind::Uan)),
                ("+448001111", kind(Kind::TollFree)),
                ("+441481250000", COUNTRY),
                ("+441534123456", COUNTRY),
                ("+447624123456", COUNTRY),
            ],
        );
    }

    #[test]
    fn plus_one_is_judged_by_area_code() {
        let table = [
            ("+12025550143", Ok(())),
            ("+14165550123", COUNTRY),
            ("+18762345678", COUNTRY),
            ("+18092345678", COUNTRY),
            ("+12842291234", COUNTRY),
            ("+17872345678", COUNTRY),
            ("+19002345678", kind(Kind::PremiumRate)),
            ("+18662345678", kind(Kind::TollFree)),
            ("+15002345678", kind(Kind::PersonalNumber)),
            ("+12129761234", SERVICE),
            ("+12125551212", SERVICE),
            ("+12129112345", SERVICE),
        ];
        expect(&rules(&["US"], &[]), &table);
        expect(
            &rules(&["CA"], &[]),
            &[
                ("+14165550123", Ok(())),
                ("+16002345678", kind(Kind::Voip)),
                ("+12025550143", COUNTRY),
            ],
        );
        expect(
            &rules(&["JM"], &[]),
            &[("+18762345678", Ok(())), ("+12025550143", COUNTRY)],
        );
        expect(
            &rules(&["DO"], &[]),
            &[("+18092345678", Ok(())), ("+18762345678", COUNTRY)],
        );
    }

    #[test]
    fn french_numbers_by_kind() {
        expect(
            &rules(&["FR"], &[]),
            &[
                ("+33123456789", Ok(())),
                ("+33612345678", Ok(())),
                ("+33899123456", kind(Kind::PremiumRate)),
                ("+33810123456", kind(Kind::SharedCost)),
                ("+33800123456", kind(Kind::TollFree)),
                ("+262692123456", COUNTRY),
            ],
        );
    }

    #[test]
    fn global_networks_are_of_no_country_even_where_all_are_configured() {
        let rules = NumberRules {
            countries: Region::all().collect(),
            refuse_prefixes: vec![],
        };
        expect(
            &rules,
            &[
                ("+870773123456", COUNTRY),
                ("+881612345678", COUNTRY),
                ("+88216123456", COUNTRY),
                ("+883510001234567", COUNTRY),
                ("+979123456789", COUNTRY),
                ("+80012345678", COUNTRY),
                ("+12025550143", Ok(())),
            ],
        );
    }

    #[test]
    fn a_configured_prefix_is_refused_and_nothing_else() {
        expect(
            &rules(&["DE"], &["+4915", "+49301"]),
            &[
                ("+4915123456789", Err(Refusal::Prefix)),
                ("+493012345678", Err(Refusal::Prefix)),
                ("+491701234567", Ok(())),
                ("+493023456789", Ok(())),
            ],
        );
        for wrong in ["4915", "+", "+049", "+49 15", "+1234567890123456", ""] {
            assert!(wrong.parse::<Prefix>().is_err(), "{wrong}");
        }
    }
}
