"""What Google's number engine says, for the tests beside this file: one JSON question a line, one JSON answer a line.

Google's engine is here in its Python edition (`phonenumbers`), whose metadata of the same version the tables of this
crate are made from. Everything is asked through its public functions, except what they do not give: the patterns that
the tests make numbers of, and the alternative formats.
"""

import json
import sys

import phonenumbers
from phonenumbers import Leniency, NumberParseException, PhoneMetadata, PhoneNumberFormat, PhoneNumberType
from phonenumbers import shortnumberinfo
from phonenumbers.data import _ALT_NUMBER_FORMATS
from phonenumbers.phonenumberutil import _format_nsn_using_pattern, _set_italian_leading_zeros_for_phone_number
from phonenumbers.re_util import re_compile

ERRORS = {
    NumberParseException.INVALID_COUNTRY_CODE: "invalid_country_code",
    NumberParseException.NOT_A_NUMBER: "not_a_number",
    NumberParseException.TOO_SHORT_AFTER_IDD: "too_short_after_idd",
    NumberParseException.TOO_SHORT_NSN: "too_short_nsn",
    NumberParseException.TOO_LONG: "too_long",
}
POSSIBILITIES = {
    phonenumbers.ValidationResult.IS_POSSIBLE: "possible",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "local_only",
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "invalid_country_code",
    phonenumbers.ValidationResult.TOO_SHORT: "too_short",
    phonenumbers.ValidationResult.TOO_LONG: "too_long",
    phonenumbers.ValidationResult.INVALID_LENGTH: "invalid_length",
}
KINDS = {kind: PhoneNumberType.to_string(kind).lower() for kind in PhoneNumberType.values()}
LENIENCIES = {
    "possible": Leniency.POSSIBLE,
    "valid": Leniency.VALID,
    "strict_grouping": Leniency.STRICT_GROUPING,
    "exact_grouping": Leniency.EXACT_GROUPING,
}
COSTS = {
    shortnumberinfo.ShortNumberCost.TOLL_FREE: "toll_free",
    shortnumberinfo.ShortNumberCost.STANDARD_RATE: "standard_rate",
    shortnumberinfo.ShortNumberCost.PREMIUM_RATE: "premium_rate",
    shortnumberinfo.ShortNumberCost.UNKNOWN_COST: "unknown",
}
SHORT_KINDS = (
    "toll_free", "standard_rate", "premium_rate", "emergency", "short_code", "carrier_specific", "sms_services",
)


def in_ascii(parsed):
    """The one rule by which this crate differs: the digits of an extension are ASCII's. Google keeps them in the
    script they were written in, in which nobody can dial them, and which a `tel:` URI may not have."""
    if parsed.extension is not None:
        parsed.extension = phonenumbers.normalize_digits_only(parsed.extension)


def number(question):
    try:
        parsed = phonenumbers.parse(question["text"], question["region"])
    except NumberParseException as error:
        return {"error": ERRORS[error.error_type]}
    in_ascii(parsed)
    region = phonenumbers.region_code_for_number(parsed)
    return {
        "country_code": parsed.country_code,
        "national": phonenumbers.national_significant_number(parsed),
        "extension": parsed.extension,
        "possibility": POSSIBILITIES[phonenumbers.is_possible_number_with_reason(parsed)],
        "valid": phonenumbers.is_valid_number(parsed),
        "kind": KINDS[phonenumbers.number_type(parsed)],
        "region": None if region == "001" else region,
        "area_code_len": phonenumbers.length_of_geographical_area_code(parsed),
        "e164": phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        "international": phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL),
        "national_format": phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL),
        "rfc3966": phonenumbers.format_number(parsed, PhoneNumberFormat.RFC3966),
    }


def find(question):
    """Offsets are in code points."""
    text, region = question["text"], question["region"]
    return {
        name: [found(match) for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=leniency)]
        for name, leniency in LENIENCIES.items()
    }


def found(match):
    in_ascii(match.number)
    e164 = phonenumbers.format_number(match.number, PhoneNumberFormat.E164)
    return [match.start, match.end, e164, match.number.extension]


def short(question):
    text, region = question["text"], question["region"]
    answer = {
        "possible": False,
        "valid": False,
        "emergency": shortnumberinfo.is_emergency_number(text, region),
        "connects_to_emergency": shortnumberinfo.connects_to_emergency_number(text, region),
        "kind": short_kind(text, region),
    }
    try:
        parsed = phonenumbers.parse(text, region)
    except NumberParseException:
        return answer
    answer["possible"] = shortnumberinfo.is_possible_short_number_for_region(parsed, region)
    answer["valid"] = shortnumberinfo.is_valid_short_number_for_region(parsed, region)
    return answer


def short_kind(digits, region):
    """What a short number is, as it is dialled: nothing is stripped from it."""
    if not (digits.isascii() and digits.isdigit()):
        return None
    dialled = phonenumbers.PhoneNumber(phonenumbers.country_code_for_region(region), int(digits))
    _set_italian_leading_zeros_for_phone_number(digits, dialled)
    if not shortnumberinfo.is_valid_short_number_for_region(dialled, region):
        return None
    return {
        "cost": COSTS[shortnumberinfo.expected_cost_for_region(dialled, region)],
        "emergency": shortnumberinfo.is_emergency_number(digits, region),
        "carrier_specific": shortnumberinfo.is_carrier_specific_for_region(dialled, region),
        "sms": shortnumberinfo.is_sms_service_for_region(dialled, region),
    }


def spellings(question):
    """How a number is usually written: first as Google writes it, then in every other known grouping."""
    try:
        parsed = phonenumbers.parse(question["text"], None)
    except NumberParseException:
        return None
    written = {
        "international": phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL),
        "national": phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL),
        "others": [],
    }
    national = phonenumbers.national_significant_number(parsed)
    for style in _ALT_NUMBER_FORMATS.get(parsed.country_code, ()):
        leading = style.leading_digits_pattern
        if leading and not re_compile(leading[0]).match(national):
            continue
        if not re_compile("(?:" + style.pattern + ")$").match(national):
            continue
        grouped = _format_nsn_using_pattern(national, style, PhoneNumberFormat.INTERNATIONAL)
        written["others"].append(grouped)
    return written


def described(metadata, names):
    """The patterns of the kinds of numbers that a plan has, and an example of each."""
    found = {}
    for name in names:
        desc = getattr(metadata, name)
        if desc is not None and desc.national_number_pattern is not None:
            found[name] = {"pattern": desc.national_number_pattern, "example": desc.example_number}
    return found


def plan(metadata):
    names = [name for kind, name in KINDS.items()
             if kind not in (PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.UNKNOWN)]
    short_plan = PhoneMetadata.short_metadata_for_region(metadata.id) if metadata.id != "001" else None
    return {
        "region": None if metadata.id == "001" else metadata.id,
        "country_code": metadata.country_code,
        "international_prefix": metadata.international_prefix or "",
        "national_prefix": metadata.national_prefix or "",
        "national_prefix_for_parsing": metadata.national_prefix_for_parsing or "",
        "lengths": list(metadata.general_desc.possible_length),
        "kinds": described(metadata, names),
        "short": described(short_plan, SHORT_KINDS) if short_plan else {},
    }


def plans(_question):
    every = [PhoneMetadata.metadata_for_region(region) for region in sorted(phonenumbers.SUPPORTED_REGIONS)]
    every += [PhoneMetadata.metadata_for_nongeo_region(code)
              for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)]
    return {"version": phonenumbers.__version__, "plans": [plan(metadata) for metadata in every]}


ANSWERS = {"number": number, "find": find, "short": short, "spellings": spellings, "plans": plans}

for line in sys.stdin.buffer:
    asked = json.loads(line)
    sys.stdout.buffer.write(json.dumps(ANSWERS[asked["op"]](asked)).encode() + b"\n")
