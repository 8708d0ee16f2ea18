/**
 * What a column's name says that it holds, in the languages we know. A name decides nothing by
 * itself: it says which values would fit, and the values must.
 */
import type { ColumnKind } from "./column-kind.ts";
import type { Label } from "./detect/finding.ts";
import { NUMBER_LABELS } from "./detect/person-number.ts";
import { withoutMarks } from "./words/given-names.ts";

/** First match wins. Words are whole; a phrase's stand side by side; `*` ends any longer word. */
const KINDS: readonly (readonly [ColumnKind, string])[] = [
  [
    "birth_year",
    "birth year|year of birth|yob|born year|year born|birth yr|geburtsjahr|jahrgang|annee de naissance|birthyear",
  ],
  [
    "date_of_birth",
    "dob|birth date|birthdate|birthday|bday|b day|d o b|dateofbirth|date birth|dt birth|birthdt|date of birth|birth dt|bdate|born|born on|geburtsdatum|geburtstag|gebdat|geb dat|geb datum|gebdatum|geboren|ne le|nacimiento|nascita|nascimento|urodzenia|date naissance|date de naissance|naissance|" +
      "fecha nacimiento|fecha de nacimiento|data nascita|data di nascita|data nascimento|data de nascimento|geboortedatum|fodelsedatum|fodselsdato|fodselsdag|syntymaaika|data urodzenia|datum narozeni|出生日期|生年月日|생년월일|дата рождения|дата народження|ημερομηνια γεννησης|dogum tarihi|szuletesi datum|data nasterii",
  ],
  [
    "email",
    "email|e mail|mail|emails|email address|mailadresse|courriel|correo|correo electronico|epost|e post|posta elettronica|emailadresse|mail address|邮箱|电子邮件|メール|이메일|почта|имейл|eposta|e posta",
  ],
  [
    "phone",
    "phone|telephone|tel|mobile|cell|cellphone|cell phone|phone number|phone no|phonenumber|mobile number|mobilenumber|msisdn|fax|telefon|telefonnummer|handy|handynummer|mobil|telefono|movil|" +
      "celular|cellulare|telefone|telemovel|gsm|telefoon|telefoonnummer|puhelin|puhelinnumero|mobiltelefon|tlf|whatsapp|landline|portable|rufnummer|telefonszam|contact number|contact no|电话|手机|電話|電話番号|전화번호|휴대폰|телефон|τηλεφωνο|telefon no|cep telefonu",
  ],
  ["us_ssn", "ssn|social security|social security number|soc sec|socialsecurity|ss no"],
  ["uk_nino", "nino|national insurance|ni number|ni no|national insurance number"],
  ["iban", "iban|bank iban"],
  [
    "national_id",
    "passport|passport no|passport number|national id|id card|idcard|identity card|driving licence|drivers license|driver license|driving license|drivers licence|driver licence|driving permit|id number|id card no|id card number|identity number|national number|tax no|tax number|visa no|visa number|health card|social insurance number|licence number|license number|tax id|taxid|tin|steuer id|steuernummer|" +
      "itin|taxpayer id|tax code|tax id|tax number|rvnr|rentenversicherungsnummer|nir|burgerservicenummer|personal number|aadhar|steuer id|steueridentifikationsnummer|idnr|nhs|henkilotunnus|ahv|ahv nummer|nif|nie|dni|cpf|pesel|bsn|cnp|aadhaar|nhs number|nhs no|mrn|medical record number|medical record|insurance number|sozialversicherungsnummer|personnummer|cpr|fodselsnummer|hetu|codice fiscale|curp|ausweisnummer|personalausweis|numero de securite sociale|nir|rodne cislo|medicare",
  ],
  [
    "credit_card",
    "credit card|creditcard|card number|cardnumber|card no|cc number|cc num|cc no|pan|kreditkarte|kreditkartennummer|carte bancaire|tarjeta|payment card|ccnum",
  ],
  ["mac", "mac|mac address|mac addr|macaddress|hwaddr|bssid"],
  [
    "ipv4",
    "ip|ip address|ipaddress|ip addr|ipv4|ipv6|client ip|remote addr|src ip|dst ip|source ip|host ip|last ip|user ip",
  ],
  [
    "vehicle_id",
    "licence plate|license plate|plate|plate no|number plate|plate number|vin|kennzeichen|registration plate|immatriculation|matricula|nummernschild|chassis no|chassis number|registration number|reg nr|targa|nummerplade|vehicle registration|vehicle reg|car reg|reg plate|car plate|vehicle plate|plates|vrn|vrm|reg no|reg number|licenceplate|licenseplate",
  ],
  [
    "device_id",
    "imei|imsi|iccid|device id|deviceid|udid|idfa|gaid|advertising id|android id|aaid|ad id|meid|cookie|cookie id|fingerprint|serial number|device serial",
  ],
  [
    "account_number",
    "account number|account no|account num|acct|acct no|acct number|bank account|kontonummer|accountnumber|policy number|policy no|numero de compte|sort code|member number|card id|loyalty card|loyalty no|loyalty number|loyalty id",
  ],
  [
    "username",
    "username|user name|login|login name|handle|login id|logon|uname|usr|user login|social handle|gamer tag|discord|github|skype|telegram|tiktok|insta|snapchat|mastodon|facebook|profile name|nick|nickname|screen name|screenname|twitter|instagram|benutzername|alias|account name|user handle|gamertag|userid name",
  ],
  [
    "street_address",
    "address|addr|street|street address|home address|address line|adresse|anschrift|strasse|rue|direccion|domicilio|calle|indirizzo|endereco|morada|adres|straat|adress|gatuadress|osoite|ulica|cim|address line 1|delivery address|billing address|shipping address|ship to|地址|住所|주소|адрес|адреса|διευθυνση|adresa|cim|wohnort adresse",
  ],
  [
    "postal_code",
    "zip|zip code|pcode|cp|eircode|zipcode|postcode|post code|postal code|postalcode|plz|postleitzahl|code postal|codigo postal|cap|pincode|pin code|postnummer|postnr|cep|kod pocztowy|psc|iranyitoszam|postinumero|邮编|郵便番号|우편번호|индекс|posta kodu",
  ],
  [
    "gender",
    "gender|sex|geschlecht|gndr|m f|genero|性别|性別|성별|пол|стать|cinsiyet|nem|sexe|sexo|sesso|geslacht|kon|kjonn|plec|sukupuoli|pohlavi",
  ],
  [
    "age",
    "age|alter|edad|eta|idade|leeftijd|alder|ika|wiek|年龄|年齢|나이|возраст|вік|yas|kor|age years|age group|age band|age range|agegroup|age in years|years old|ages|agegrp|age grp|altersgruppe|tranche age|tranche d age|vek",
  ],
  [
    "marital_status",
    "marital status|marital|maritalstatus|civil status|familienstand|civil state|civilstatus|civilstand|stan cywilny|rodinny stav|estado civil|stato civile|etat civil|situation familiale|burgerlijke staat|relationship status",
  ],
  [
    "body_measure",
    "height|weight|bmi|body height|body weight|height cm|weight kg|groesse cm|gewicht|waist|hip circumference|waist circumference|stature|hip|chest|hip cm|chest cm|korpergrosse|korpergewicht|grosse cm|taille cm|poids kg|peso kg|altura cm|estatura|body mass index|shoe size|height m|height in|weight lb|weight lbs",
  ],
  ["ethnicity", "race|ethnicity|ethnic group|ethnic|ethnie"],
  [
    "belief",
    "religion|faith|denomination|political party|party affiliation|political|union member|sexual orientation|konfession",
  ],
  ["relationship", "relationship|household role|family role"],
  [
    "education",
    "education|education level|degree|qualification|qualifications|school level|schooling|highest degree|bildung|bildungsabschluss|education num|school years",
  ],
  [
    "occupation",
    "occupation|profession|job|job title|beruf|metier|profesion|workclass|employment|employment status|work class|employer|industry",
  ],
  [
    "health",
    "diagnosis|diagnose|disease|icd|icd10|icd 10|icd9|condition|medical condition|medication|drug|treatment|symptom|symptoms|illness|hiv|hiv status|blood type|blood group|blood pressure|cholesterol|glucose|pregnant|pregnancies|disability|allergy|allergies|therapy|smoker|smoking|cancer|outcome diagnosis|maladie|krankheit|enfermedad",
  ],
  [
    "income",
    "income|salary|salary class|wage|wages|earnings|pay|net worth|gehalt|einkommen|revenu|salaire|ingresos|sueldo|credit score|debt|annual income|monthly income",
  ],
  [
    "location",
    "city|town|country|state|region|county|province|location|place|lat|lon|lng|long|latitude|longitude|lat lon|latlon|lat lng|geo|gps|coordinates|coords|ort|wohnort|stadt|land|ville|pays|ciudad|pais|citta|paese|cidade|municipality|district|" +
      "native country|nationality|citizenship|birthplace|place of birth|birth place|residence|hometown|neighbourhood|lives in|provincia|plaats|woonplaats|kommun|localidad|municipio|localite|latlong|birth city|birth country|nation|neighborhood|suburb|village|stad|miasto|kraj|kommune|gemeinde|bundesland|kanton|commune|departement|origin country|home town|城市|国家|都市|город|страна|місто|sehir|ulke|city name|country code|country name",
  ],
  [
    "free_text",
    "note|notes|comment|comments|remark|remarks|message|messages|feedback|review|text|body|description|bemerkung|bemerkungen|kommentar|notizen|notiz|commentaire|remarque|comentario|comentarios|observaciones|opmerking|anmerkung|free text|freetext|memo|complaint|details|chat|transcript|narrative|notatki|uwagi|poznamka|anteckning|osservazioni|instructions|request",
  ],
];

/** A person stands in the cell, by name. */
const PERSON_NAMES =
  "full name|fullname|first name|clientname|customername|mname|pt name|next of kin|firstname|last name|lastname|surname|family name|given name|givenname|middle name|maiden name|forename|fname|lname|vorname|nachname|familienname|prenom|nom de famille|apellido|apellidos|cognome|" +
  "sobrenome|apelido|voornaam|achternaam|fornamn|efternamn|fornavn|etternavn|etunimi|sukunimi|imie|nazwisko|imie i nazwisko|jmeno|prijmeni|customer name|client name|patient name|employee name|user full name|contact name|contact person|" +
  "account holder|cardholder|card holder|holder name|person name|cust nm|cust name|kundenname|nom complet|nombre completo|nome completo|author name|recipient name|sender name|owner name|student name|member name|emp name|nom prenom|vezeteknev|keresztnev|display name|legal name|nombres|guest name|passenger name|driver name|doctor name|teacher name|name of person|applicant name|signed by|signatory|姓名|氏名|名前|이름|성명|имя|фамилия|фио|ім я|прізвище|ονομα|επωνυμο|ονοματεπωνυμο|ad soyad|adi soyadi|isim|soyad|teljes nev|nume|prenume|nume si prenume|ime|prezime|ime i prezime|nimi";
/** They say it where they are all of the header: "last", and no "last login". */
const PERSON_NAMES_ALONE: ReadonlySet<string> = new Set(
  "first|last|middle|given|family|f name|l name|first nm|last nm|nome proprio|primeiro nome|ultimo nome|nom usage|nom d usage|roepnaam|tussenvoegsel|mellannamn|tilltalsnamn|slaktnamn|rufname|zuname|geburtsname|imiona|nomi|cognomi|nombre de pila|primer nombre|primer apellido|segundo apellido|apellido 1|apellido 2|fornavne|mellomnavn".split(
    "|",
  ),
);
/** One who has a name, or a number. */
const PERSONS =
  "author|customer|client|patient|employee|user|contact|owner|member|person|people|driver|student|teacher|doctor|physician|nurse|recipient|sender|manager|agent|tenant|passenger|guest|subscriber|subject|participant|applicant|holder|staff|supervisor|buyer|seller|" +
  "borrower|insured|beneficiary|respondent|citizen|resident|kunde|kunden|patientin|mitarbeiter|ansprechpartner|cliente|paciente|empleado|clienti|klant|kund|asiakas|klient|utilisateur|salarie|reviewer|assignee|reporter|actor|player|cust|emp|worker|household|mitglied|shopper|voter|pat|consultant|lawyer|attorney|payer|payee|debtor|attendee|donor|landlord|professor|instructor|writer|visitor|caller|trainee|pupil|learner|volunteer|candidate|witness|claimant|signer|parent|guardian|spouse|child|host";
/** "Kundennummer": both in one word. */
const PERSON_NUMBERS =
  "kundennummer|kundennr|kundenid|kundenr|klantnummer|klantnr|kundnummer|asiakasnumero|custid|custno|customerid|customerno|clientid|userid|uid|patientid|patientennummer|personalnummer|mitarbeiternummer|mitgliedsnummer|matrikelnummer|" +
  "versichertennummer|employeeid|empid|emp no|memberid|subjectid|personid|accountid|account id|accountno|studentid|matricule|numero client|numero de client|numero cliente|codigo cliente|codice cliente|id cliente|id client|nr klienta|客户编号|顧客番号";
const NAME =
  "name|nm|names|nombre|nom|nome|naam|namn|navn|nimi|nazwa|who|by|created by|assigned to|nev";
/** A name here is a thing's. */
const THINGS =
  "product|item|sku|title|movie|film|brand|model|company|organisation|organization|org|firm|store|shop|category|type|colour|color|file|filename|event|song|album|book|team|department|dept|material|status|version|release|build|firmware|make|manufacturer|vendor|" +
  "supplier|merchant|campaign|plan|tier|size|unit|currency|language|genre|series|game|band|label|service|project|app|application|platform|os|browser|domain|url|path|table|column|field|class|kind|level|group|tag|topic|subject line|keyword|song name|course|" +
  "ingredient|recipe|dish|drink|species|breed|flower|plant|animal|pet|drug|medication|host|hostname|server|school|university|hotel|restaurant|station|airport|month|weekday|day|produkt|artikel|marke|marque|producto|articulo|marca|prodotto|stock|description|stockcode|warehouse|channel|gift|variety|cultivar|asset|ship|vessel|street name|policy|reason|fabric|style|pattern|collection|edition|wine|beer|restaurant name|isbn|ean|upc|gtin|asin";
const NUMBERS =
  "id|ids|no|nr|num|number|nummer|code|key|ref|uuid|guid|numero|identifier|kennung|pk";
const VERSIONS =
  "version|versions|ver|firmware|fw|release|build|revision|rev|software|sdk|kernel|oid|os version|app version|driver";
/** What is counted or flagged about the thing named, not the thing: "email_sent", "age_verified". */
const ABOUT =
  "sent|opened|verified|count|counts|type|length|flag|valid|opt in|optin|consent|model|brand|provider|domain|has|is|num|total|score|status|days|avg|mean|last4|last 4|last four|version|plan|device|confirmed|bounced|clicks|calls|minutes|per";

export interface HeaderSays {
  /** What its values would be, were the header true. */
  readonly kind: ColumnKind | null;
  /** "first_name": a name of a person. */
  readonly personName: boolean;
  /** "customer", "author": a person, by name or number. */
  readonly person: boolean;
  /** "name": of anybody or anything. */
  readonly name: boolean;
  /** "product_name": of a thing. */
  readonly thing: boolean;
  /** "customer_id", "id": a number of one. */
  readonly number: boolean;
  /** "Kundennummer": a number of a person. */
  readonly personNumber: boolean;
  readonly version: boolean;
}

export function readHeader(column: string): HeaderSays {
  const words = headerWords(column);
  const about = holds(words, ABOUT);
  const kind = KINDS.find(([, phrases]) => holds(words, phrases))?.[0] ?? null;
  const thing = holds(words, THINGS);
  const personName = holds(words, PERSON_NAMES) || PERSON_NAMES_ALONE.has(words.trim());
  return {
    kind: kind !== null && about && EXPECTABLE.has(kind) ? null : kind,
    personName,
    person: holds(words, PERSONS),
    name: holds(words, NAME),
    thing: thing && !personName,
    number: holds(words, NUMBERS),
    personNumber: holds(words, PERSON_NUMBERS),
    version: holds(words, VERSIONS),
  };
}

/** Kinds whose weaker forms count where the header says so. */
const EXPECTABLE: ReadonlySet<ColumnKind> = new Set<ColumnKind>([
  "email",
  "phone",
  "us_ssn",
  "uk_nino",
  "iban",
  "credit_card",
  "mac",
  "ipv4",
  "street_address",
  "date_of_birth",
]);

/** The labels whose weaker forms count in this column's cells. */
export function expectedLabels(column: string): ReadonlySet<Label> {
  return column === "" ? NOTHING : labelsOf(readHeader(column));
}

const NOTHING: ReadonlySet<Label> = new Set();

export function labelsOf({ kind, personName }: HeaderSays): ReadonlySet<Label> {
  const labels = new Set<Label>(personName ? ["person_name"] : []);
  if (kind === "national_id") for (const label of NUMBER_LABELS) labels.add(label);
  if (kind !== null && EXPECTABLE.has(kind) && isLabel(kind)) labels.add(kind);
  return labels;
}

function isLabel(kind: ColumnKind): kind is Label {
  return EXPECTABLE.has(kind);
}

/** " cust nm ": lower case, without marks, apart at cases and signs; "tel2" is " tel2 tel ". */
function headerWords(column: string): string {
  const apart = column
    .slice(0, LONGEST)
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2");
  return ` ${withoutMarks(apart)
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .replace(/(?<!\S)(\p{L}+)\d+(?!\S)/gu, "$& $1")
    .trim()} `;
}

const LONGEST = 200;
const lists = new Map<string, readonly string[]>();

function holds(words: string, phrases: string): boolean {
  let list = lists.get(phrases);
  if (!list) {
    list = phrases.split("|").map((phrase) => ` ${phrase} `);
    lists.set(phrases, list);
  }
  return list.some((phrase) => words.includes(phrase));
}
