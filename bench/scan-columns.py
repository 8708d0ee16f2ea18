"""IO: columns of made-up people and things by Faker, for measuring the scan; nobody's data.

    python -m venv /tmp/faker && /tmp/faker/bin/pip install faker==40.63.0
    /tmp/faker/bin/python bench/scan-columns.py SEED > columns.json

Each column: locale, label (null: no identifier), header ("own": in the locale's language, "english", or
"none": says nothing), its text, and 40 values.
"""

import json
import sys

from faker import Faker

seed = int(sys.argv[1])
ROWS = 40


def verhoeff(digits):
    """The digit that UIDAI puts behind eleven others: Verhoeff 1969, by its tables."""
    dihedral = ["0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"]
    powers = ["0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"]
    sum_ = 0
    for i, digit in enumerate(reversed(digits)):
        sum_ = int(dihedral[sum_][int(powers[(i + 1) % 8][int(digit)])])
    return digits + "0432156789"[sum_]


def aadhaar(f):
    """As UIDAI issues them: Faker's end in Luhn's digit and may begin with 1."""
    return verhoeff(str(f.random.randint(2, 9)) + f.numerify("#" * 10))


def nino(f):
    """As HMRC allocates them (NIM39110): Faker's begin with ZZ and end in T."""
    while True:
        prefix = f.random.choice("ABCEGHJKLMNOPRSTWXYZ") + f.random.choice("ABCEGHJKLMNPRSTWXYZ")
        if prefix not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
            break
    written = f.random.choice(["{} {} {} {} {}", "{}{}{}{}{}", "{} {}{}{} {}"])
    return written.format(prefix, *(f.numerify("##") for _ in range(3)), f.random.choice("ABCD"))
# label -> (English header, locale -> header of its own)
HEADERS = {
    "given": ("first_name", dict(en_US="First", de_DE="Vorname", fr_FR="Prénom", it_IT="nome", es_ES="nombre", pt_PT="nome_proprio", nl_NL="voornaam", pl_PL="imię", sv_SE="Förnamn")),
    "family": ("last_name", dict(en_US="Last", de_DE="Nachname", fr_FR="nom de famille", it_IT="cognome", es_ES="apellidos", pt_PT="apelido", nl_NL="achternaam", pl_PL="nazwisko", sv_SE="Efternamn")),
    "full": ("full_name", dict(en_US="Name", de_DE="Name", fr_FR="nom complet", it_IT="nome completo", es_ES="nombre completo", pt_PT="nome completo", nl_NL="naam", pl_PL="imię i nazwisko", sv_SE="namn")),
    "street": ("street", dict(en_US="Street Address", de_DE="Straße", fr_FR="adresse", it_IT="indirizzo", es_ES="dirección", pt_PT="morada", nl_NL="adres", pl_PL="ulica", sv_SE="gatuadress")),
    "address": ("address", dict(en_US="Mailing Address", de_DE="Anschrift", fr_FR="adresse postale", it_IT="indirizzo", es_ES="domicilio", pt_PT="morada", nl_NL="adres", pl_PL="adres", sv_SE="adress")),
    "phone": ("phone", dict(en_US="Telephone", de_DE="Telefon", fr_FR="téléphone", it_IT="telefono", es_ES="teléfono", pt_PT="telemóvel", nl_NL="telefoon", pl_PL="telefon", sv_SE="telefon")),
    "email": ("email", dict(en_US="E-mail", de_DE="E-Mail-Adresse", fr_FR="courriel", it_IT="posta elettronica", es_ES="correo", pt_PT="correio", nl_NL="e-mailadres", pl_PL="e-mail", sv_SE="e-post")),
    "iban": ("iban", {}),
}
LABELS = dict(given="person_name", family="person_name", full="person_name", street="street_address", address="street_address")
LOCALES = "en_US de_DE fr_FR it_IT es_ES pt_PT nl_NL pl_PL sv_SE".split()
# Values of a locale's own numbers: label, locale, English header, own header, how made. Of two of a label the
# second is Faker's own, which is nobody's number.
NUMBERS = [
    ("us_ssn", "en_US", "ssn", "Social Security", lambda f: f.ssn()),
    ("us_itin", "en_US", "itin", "Taxpayer ID", lambda f: f.itin()),
    ("uk_nino", "en_GB", "nino", "NI number", nino),
    ("uk_nino", "en_GB", "nino", "NI number", lambda f: f.ssn()),
    ("de_rvnr", "de_DE", "rvnr", "Rentenversicherungsnummer", lambda f: f.rvnr()),
    ("fr_nir", "fr_FR", "nir", "n° de sécurité sociale", lambda f: f.ssn()),
    ("it_codice_fiscale", "it_IT", "tax_code", "codice fiscale", lambda f: f.ssn()),
    ("es_nif", "es_ES", "nif", "DNI", lambda f: f.nif()),
    ("es_nie", "es_ES", "nie", "NIE", lambda f: f.nie()),
    ("nl_bsn", "nl_NL", "bsn", "burgerservicenummer", lambda f: f.ssn()),
    ("pl_pesel", "pl_PL", "pesel", "PESEL", lambda f: f.pesel()),
    ("se_personnummer", "sv_SE", "personal_number", "personnummer", lambda f: f.ssn()),
    ("br_cpf", "pt_BR", "cpf", "CPF", lambda f: f.cpf()),
    ("in_aadhaar", "en_IN", "aadhaar", "Aadhaar number", aadhaar),
    ("in_aadhaar", "en_IN", "aadhaar", "Aadhaar number", lambda f: f.aadhaar_id()),
]
CARDS = "visa13 visa16 visa19 mastercard amex discover diners jcb15 jcb16 maestro".split()
# What identifies nobody; cities, countries and occupations may be quasi-identifiers, names they are not.
THINGS = {
    "version": lambda f, r: ".".join(str(r.randint(0, 30)) for _ in range(4)),
    "word": lambda f, r: f.word(),
    "title": lambda f, r: f.word().capitalize(),
    "words": lambda f, r: " ".join(f.words(2)).capitalize(),
    "job": lambda f, r: f.job(),
    "company": lambda f, r: f.company(),
    "city": lambda f, r: f.city(),
    "country": lambda f, r: f.country(),
    "colour": lambda f, r: f.color_name(),
    "month": lambda f, r: f.month_name(),
    "currency": lambda f, r: f.currency_name(),
    "language": lambda f, r: f.language_name(),
    "ean": lambda f, r: f.ean13(),
    "isbn": lambda f, r: f.isbn13(),
    "price": lambda f, r: f"{r.uniform(1, 900):.2f}",
    "reference": lambda f, r: str(r.randint(10**9, 10**10)),
    "nine": lambda f, r: str(r.randint(10**8, 10**9)),
    "eleven": lambda f, r: str(r.randint(10**10, 10**11)),
    "code": lambda f, r: f.bothify("??-####").upper(),
    "sentence": lambda f, r: f.sentence(8),
    "hex": lambda f, r: f.hexify("^^^^^^^^"),
    "time": lambda f, r: f.iso8601(),
    "file": lambda f, r: f.file_name(),
    "domain": lambda f, r: f.domain_name(),
}

columns = []


def add(locale, label, what, headers, make):
    for kind, header in headers:
        columns.append(dict(locale=locale, label=label, what=what, headed=kind, header=header, values=[make() for _ in range(ROWS)]))


for locale in LOCALES:
    f = Faker(locale)
    f.seed_instance(seed)
    r = f.random
    makers = dict(given=f.first_name, family=f.last_name, full=f.name, street=f.street_address, address=f.address, phone=f.phone_number, email=f.email, iban=f.iban)
    for what, make in makers.items():
        english, own = HEADERS[what]
        heads = [("none", "c4"), ("english", english), ("own", own.get(locale, english))]
        add(locale, LABELS.get(what, what), what, heads, lambda make=make: make().replace("\n", ", "))
    for what, make in THINGS.items():
        add(locale, None, what, [("none", "c4"), ("english", what)], lambda make=make: make(f, r))
seen = set()
for label, locale, english, own, make in NUMBERS:
    f = Faker(locale)
    f.seed_instance(seed)
    what = f"{label}, no valid one" if label in seen else label
    seen.add(label)
    add(locale, label, what, [("none", "c4"), ("english", english), ("own", own)], lambda: make(f))
f = Faker("en_US")
f.seed_instance(seed)
for card in CARDS:
    add("en_US", "credit_card", card, [("none", "c4"), ("english", "card number")], lambda: f.credit_card_number(card))
for label, make in dict(ipv4=f.ipv4_public, ipv6=f.ipv6, mac=f.mac_address, uuid=f.uuid4).items():
    add("en_US", label, label, [("none", "c4"), ("english", label)], lambda: str(make()))
json.dump(dict(seed=seed, columns=columns), sys.stdout, ensure_ascii=False, separators=(",", ":"))
