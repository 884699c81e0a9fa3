"""Writes the metadata of the installed `phonenumbers` as lines of cells parted by tabs.

P  a plan: country code, region (empty for none), the prefixes and patterns of phonenumbers.PhoneMetadata,
   the extension's prefix, possible lengths and those within an area (bits), the general pattern
K  a kind of the last plan's numbers: name, lengths (bits), pattern
F  a format of the last plan: pattern, template, leading digits, rule of the national prefix, 1 if that is
   optional, the international template (= the same, - none)
A  another format of a country code, for finding: code, pattern, template, leading digits
S  a region's short numbers: region; followed by
T  a kind of them: name, lengths (bits), pattern
"""

from importlib.metadata import version

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonenumbermatcher import _ALT_NUMBER_FORMATS
from phonenumbers.shortdata import _AVAILABLE_REGION_CODES

NON_GEOGRAPHIC = "001"
KINDS = [
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "fixed_line",
    "mobile",
]
SHORT_KINDS = [
    "general_desc",
    "short_code",
    "emergency",
    "premium_rate",
    "standard_rate",
    "toll_free",
    "carrier_specific",
    "sms_services",
]


def line(*cells):
    print("\t".join("" if cell is None else str(cell) for cell in cells))


def bits(lengths):
    return sum(1 << length for length in lengths if length > 0)


def template(text):
    return (text or "").replace("\\", "$")


def kinds(mark, plan, names):
    general = plan.general_desc
    for name in names:
        kind = getattr(plan, name)
        if kind is None or not kind.national_number_pattern:
            continue
        lengths = bits(kind.possible_length) or bits(general.possible_length)
        line(mark, name, lengths, kind.national_number_pattern)


def plan_lines(code, region, plan):
    general = plan.general_desc
    line(
        "P",
        code,
        region,
        plan.international_prefix,
        plan.national_prefix,
        plan.national_prefix_for_parsing,
        template(plan.national_prefix_transform_rule),
        plan.leading_digits,
        plan.preferred_extn_prefix,
        bits(general.possible_length),
        bits(general.possible_length_local_only),
        general.national_number_pattern,
    )
    kinds("K", plan, KINDS)
    international = list(plan.intl_number_format)
    for form in plan.number_format:
        leading = form.leading_digits_pattern[-1] if form.leading_digits_pattern else ""
        if not plan.intl_number_format:
            abroad = "="
        elif international and (
            international[0].pattern == form.pattern
            and international[0].leading_digits_pattern == form.leading_digits_pattern
        ):
            abroad = template(international.pop(0).format)
            abroad = "=" if abroad == template(form.format) else abroad
        else:
            abroad = "-"
        line(
            "F",
            form.pattern,
            template(form.format),
            leading,
            template(form.national_prefix_formatting_rule),
            int(bool(form.national_prefix_optional_when_formatting)),
            abroad,
        )
    # The international formats are the national ones, in their order, less those for within the country.
    assert not international, region


PhoneMetadata.load_all()
line("V", version("phonenumbers"))
for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
    for region in regions:
        if region == NON_GEOGRAPHIC:
            plan_lines(code, "", PhoneMetadata.metadata_for_nongeo_region(code))
        else:
            plan_lines(code, region, PhoneMetadata.metadata_for_region(region))
for code, forms in sorted(_ALT_NUMBER_FORMATS.items()):
    for form in forms:
        leading = form.leading_digits_pattern[-1] if form.leading_digits_pattern else ""
        line("A", code, form.pattern, template(form.format), leading)
for region in sorted(_AVAILABLE_REGION_CODES):
    line("S", region)
    kinds("T", PhoneMetadata.short_metadata_for_region(region), SHORT_KINDS)
