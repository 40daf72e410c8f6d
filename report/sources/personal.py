"""Find columns that look personal, by their names and a sample of their values.

These are heuristics for a warning. They miss personal data of other forms, so nothing relies on them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

SAMPLED = 2_000
"""Rows of a table to sample: always the first, so that the same table gives the same warnings."""

_MOST = 0.6
"""Minimum share of distinct values with a form for a column to have that form."""

_SOME = 0.2
"""The same share for unmistakable forms, such as e-mail addresses."""

_FEWEST = 3
"""Minimum number of distinct values for a decision, since columns with fewer contain categories."""


def _form(pattern: str) -> Callable[[str], bool]:
    found = re.compile(pattern)
    return lambda value: found.fullmatch(value) is not None


def _is_address(value: str) -> bool:
    try:
        return "." in value or ":" in value if ipaddress.ip_address(value.partition("/")[0]) else False
    except ValueError:
        return False


def _is_iban(value: str) -> bool:
    """Return whether a text is a bank account number with valid check digits (ISO 13616)."""
    bare = re.sub(r"[\s-]", "", value).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", bare):
        return False
    return int("".join(str(int(character, 36)) for character in bare[4:] + bare[:4])) % 97 == 1


def _is_card(value: str) -> bool:
    """Return whether a text is a payment card number with a valid check digit (ISO/IEC 7812)."""
    digits = re.sub(r"[ -]", "", value)
    if not re.fullmatch(r"[3-6]\d{14,15}", digits):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


def _is_telephone(value: str) -> bool:
    """Return whether a text is a telephone number: with a plus, with brackets, or in groups after a zero."""
    n_digits = sum(character.isdigit() for character in value)
    form = (
        r"\+\d[\d\s().\-/]{6,18}|\(\d{2,5}\)[\d\s.\-/]{5,14}|0\d{1,5}[ /\-]\d[\d\s\-]{4,12}|\d{3}[.\- ]\d{3}[.\- ]\d{4}"
    )
    return 7 <= n_digits <= 15 and re.fullmatch(form, value) is not None


_is_mail: Final = _form(r"(?i).*?[a-z0-9._%+'&\-\w]+@[a-z0-9\-\w]+(\.[a-z0-9\-\w]+)+\W*")
_is_date: Final = _form(
    r"(18|19|20)\d\d[-/.]?(0?[1-9]|1[0-2])[-/.]?(0?[1-9]|[12]\d|3[01])([T ].*)?|\d{1,2}[-/. ]\w{1,9}[-/. ]\d{2,4}"
)
_is_place: Final = _form(r"[-+]?\d{1,3}[.,]\d{3,}")
_is_pair: Final = _form(r"\(?[-+]?\d{1,3}\.\d{3,}\s*[,; ]\s*[-+]?\d{1,3}\.\d{3,}\)?")
_is_name: Final = _form(r"([^\W\d_a-zà-öø-ÿ][\w'’.\-]*,? ){1,3}[^\W\d_a-zà-öø-ÿ][\w'’.\-]*|[^\W\d_][\w'’.\-]+")
_is_numbered: Final = _form(r"(?=.*\d)[\w\-/. ]{4,20}")
_is_lived_at: Final = _form(r"(?=.*\d)(?=.*[^\W\d_]{3}).{6,}")
_is_ssn: Final = _form(r"(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")


def _any(_: str) -> bool:
    return True


@dataclass(frozen=True)
class _PersonalForm:
    """A kind of personal value: its name, typical words in column names, and the form of the values.

    Kinds with `needs_name` require such a column name. For other kinds, `share` of the distinct values is enough.
    """

    what: str
    form: Callable[[str], bool]
    words: str = ""
    needs_name: bool = True
    share: float = _MOST

    def is_named(self, name: str) -> bool:
        """Return whether a column name suggests such values."""
        return bool(self.words) and re.search(rf"(?:^|_)(?:{self.words})(?:_|$)", name) is not None


_NAMES = (
    "first_?names?|last_?names?|family_?names?|given_?names?|full_?names?|sur_?names?|fore_?names?|maiden_?names?|"
    "(?:person|people|user|patient|customer|client|employee|student|teacher|manager|respondent|contact)_?names?|"
    "vor_?namen?|nach_?namen?|familien_?namen?|prenoms?|nom_de_famille|nom_complet|apellidos?|nombres?_completos?|"
    "primer_nombre|cognomi?|nome_completo|sobrenomes?|voornaam|achternaam|imie|nazwisko|fornamn|efternamn|fornavn|"
    "efternavn|imya|familiya|имя|фамилия|отчество|姓名|氏名|名字|이름"
)
_SORTS = (
    _PersonalForm("e-mail addresses", _is_mail, needs_name=False, share=_SOME),
    _PersonalForm("bank accounts", _is_iban, needs_name=False, share=_SOME),
    _PersonalForm("payment cards", _is_card, needs_name=False, share=0.9),
    _PersonalForm("IP addresses", _is_address, needs_name=False),
    _PersonalForm("national identity numbers", _is_ssn, needs_name=False),
    _PersonalForm("telephone numbers", _is_telephone, needs_name=False),
    _PersonalForm("telephone numbers", _is_numbered,
          "tele?phones?(?:_?(?:no|nr|num|number))?|phones?(?:_?(?:no|nr|num|number))?|mobile_?(?:no|nr|num|number|phone)|"
          "msisdn|telefon(?:o|e|nummer)?|handy(?:nummer)?|mobil(?:nummer)?|telefono|movil|celular|电话|電話|телефон"),
    _PersonalForm("national identity numbers", _is_numbered,
          "ssn|social_security(?:_?(?:no|nr|number))?|national_?id(?:entity)?(?:_?(?:no|nr|number))?|nino|passport(?:_?(?:no|nr|"
          "number))?|tax_?id|steuer_?id|personalausweis|sozialversicherungsnummer|dni|nif|nie|codice_fiscale|pesel|bsn|cpf|"
          "aadhaar|personnummer|fodselsnummer|cpr_?(?:no|nr|nummer)?|nhs_?(?:no|nr|number)|insee|nir|身份证|снилс"),
    _PersonalForm("dates of birth", _is_date,
          "dob|d_o_b|(?:date_?of_?)?birth(?:_?da(?:te|y))?|born(?:_on)?|geburts(?:datum|tag)|geboren(?:_am)?|date_de_naissance|"
          "naissance|fecha_de_nacimiento|nacimiento|data_di_nascita|data_de_nascimento|geboortedatum|data_urodzenia|"
          "fodelsedatum|出生日期|生年月日|дата_рождения"),
    _PersonalForm("names of people", _is_name, _NAMES),
    _PersonalForm("addresses", _is_lived_at,
          "address(?:es)?(?:_?line)?_?\\d?|street(?:_?address)?|home_?address|postal_?address|adressen?|anschrift|strasse|adresse|"
          "direccion|domicilio|indirizzo|endereco|adres|ulica|住所|地址|адрес"),
    _PersonalForm("precise coordinates", _is_place,
          "lat|latitude|lon|lng|long|longitude|breitengrad|laengengrad|latitud|longitud"),
    _PersonalForm("precise coordinates", _is_pair, needs_name=False),
    _PersonalForm("ids of people", _any,
          "(?:patient|person|people|participant|respondent|subject|employee|staff|student|pupil|user|customer|client|member|"
          "citizen|volunteer|worker|mitarbeiter|kunde|kunden|patienten?|usuario|cliente|paziente|utilisateur|salarie)"
          "_?(?:id|ids|no|nr|num|number|code|key|uuid|name)"),
)  # fmt: skip

_LONG, _WORDS, _UNIQUE, _ROWS = 40, 5, 0.8, 10


def looks_personal(name: str, values: Sequence[str]) -> str | None:
    """Return the kind of personal data that a column seems to contain, or None.

    >>> looks_personal("contact", ["ann@example.org", "bob@example.org", "cy@example.org"])
    'e-mail addresses'
    >>> looks_personal("species", ["Adelie", "Gentoo", "Chinstrap"])
    """
    filled = [value.strip() for value in values if value.strip()]
    distinct = list(dict.fromkeys(filled))
    if len(distinct) < _FEWEST:
        return None
    spelt = _words(name)
    for sort in _SORTS:
        if sort.needs_name and not sort.is_named(spelt):
            continue
        if sum(map(sort.form, distinct)) >= sort.share * len(distinct):
            return sort.what
    return "free text" if _is_prose(filled, distinct) else None


def _words(name: str) -> str:
    """Return the words of a column name in lower case, joined by underscores, without accents.

    >>> _words("PatientID"), _words("Date of Birth"), _words("Prénom")
    ('patient_id', 'date_of_birth', 'prenom')
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    plain = apart.casefold().translate(_PLAIN)
    return re.sub(r"[\W_]+", "_", plain).strip("_")


_PLAIN = str.maketrans("áàâäãåéèêëíìîïóòôöõøúùûüçñýł", "aaaaaaeeeeiiiioooooouuuucnyl")


def _is_prose(filled: Sequence[str], distinct: Sequence[str]) -> bool:
    """Return whether values are sentences that rarely repeat."""
    if len(filled) < _ROWS or len(distinct) < _UNIQUE * len(filled):
        return False
    lengths, words = sorted(map(len, distinct)), sorted(len(value.split()) for value in distinct)
    middle = len(distinct) // 2
    return lengths[middle] >= _LONG and words[middle] >= _WORDS
