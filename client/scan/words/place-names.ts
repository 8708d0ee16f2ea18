/** Countries, US states and well-known cities, without marks: evidence that a column holds places. */
import { withoutMarks } from "./given-names.ts";

const PLACES = new Set(
  (
    "afghanistan|albania|algeria|andorra|angola|argentina|armenia|australia|austria|azerbaijan|bahamas|bahrain|bangladesh|barbados|belarus|belgium|belize|benin|bhutan|bolivia|bosnia and herzegovina|botswana|brazil|brunei|bulgaria|burkina faso|burundi|" +
    "cambodia|cameroon|canada|cape verde|chad|chile|china|colombia|congo|costa rica|croatia|cuba|cyprus|czech republic|czechia|denmark|djibouti|dominican republic|ecuador|egypt|el salvador|eritrea|estonia|eswatini|ethiopia|fiji|finland|france|gabon|gambia|" +
    "georgia|germany|ghana|greece|grenada|guatemala|guinea|guyana|haiti|honduras|hong kong|hungary|iceland|india|indonesia|iran|iraq|ireland|israel|italy|ivory coast|jamaica|japan|jordan|kazakhstan|kenya|kosovo|kuwait|kyrgyzstan|laos|latvia|lebanon|lesotho|" +
    "liberia|libya|liechtenstein|lithuania|luxembourg|madagascar|malawi|malaysia|maldives|mali|malta|mauritania|mauritius|mexico|moldova|monaco|mongolia|montenegro|morocco|mozambique|myanmar|namibia|nepal|netherlands|new zealand|nicaragua|niger|nigeria|" +
    "north macedonia|norway|oman|pakistan|panama|papua new guinea|paraguay|peru|philippines|poland|portugal|puerto rico|qatar|romania|russia|rwanda|saudi arabia|senegal|serbia|sierra leone|singapore|slovakia|slovenia|somalia|south africa|south korea|spain|" +
    "sri lanka|sudan|sweden|switzerland|syria|taiwan|tajikistan|tanzania|thailand|togo|trinidad and tobago|tunisia|turkey|uganda|ukraine|united arab emirates|uae|united kingdom|uk|england|scotland|wales|northern ireland|united states|usa|uruguay|uzbekistan|venezuela|" +
    "vietnam|yemen|zambia|zimbabwe|eire|deutschland|frankreich|osterreich|schweiz|espana|italia|polska|nederland|belgie|belgique|allemagne|espagne|suisse|sverige|norge|danmark|suomi|" +
    "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|" +
    "new jersey|new mexico|new york|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington|west virginia|wisconsin|wyoming|" +
    "bavaria|saxony|hesse|bayern|sachsen|hessen|niedersachsen|brandenburg|ontario|quebec|alberta|manitoba|british columbia|nova scotia|new south wales|queensland|tasmania|catalonia|andalusia|lombardy|tuscany|brittany|normandy|provence|flanders|wallonia|" +
    "london|birmingham|manchester|liverpool|leeds|sheffield|bristol|newcastle|nottingham|leicester|glasgow|edinburgh|cardiff|belfast|dublin|cork|galway|limerick|oxford|cambridge|brighton|southampton|portsmouth|york|bath|exeter|norwich|plymouth|aberdeen|dundee|swansea|" +
    "paris|lyon|marseille|toulouse|nice|nantes|strasbourg|montpellier|bordeaux|lille|rennes|reims|grenoble|dijon|angers|annecy|colmar|vannes|brest|tours|metz|nancy|rouen|caen|limoges|amiens|perpignan|orleans|conques|gordes|riquewihr|" +
    "berlin|hamburg|munich|munchen|cologne|koln|frankfurt|stuttgart|dusseldorf|dortmund|essen|leipzig|bremen|dresden|hannover|hanover|nuremberg|nurnberg|duisburg|bochum|wuppertal|bielefeld|bonn|munster|mannheim|karlsruhe|augsburg|wiesbaden|kiel|mainz|freiburg|erfurt|rostock|" +
    "vienna|wien|graz|linz|salzburg|innsbruck|zurich|geneva|geneve|basel|bern|lausanne|lugano|amsterdam|rotterdam|the hague|den haag|utrecht|eindhoven|groningen|tilburg|brussels|bruxelles|brussel|antwerp|antwerpen|ghent|gent|bruges|brugge|liege|namur|leuven|" +
    "rome|roma|milan|milano|naples|napoli|turin|torino|palermo|genoa|genova|bologna|florence|firenze|bari|catania|venice|venezia|verona|padua|padova|trieste|pisa|siena|madrid|barcelona|valencia|seville|sevilla|zaragoza|malaga|murcia|bilbao|granada|alicante|cordoba|vigo|gijon|" +
    "lisbon|lisboa|porto|braga|coimbra|faro|warsaw|warszawa|krakow|cracow|lodz|wroclaw|poznan|gdansk|szczecin|katowice|lublin|prague|praha|brno|ostrava|plzen|bratislava|kosice|budapest|debrecen|szeged|pecs|gyor|bucharest|bucuresti|cluj-napoca|cluj|timisoara|iasi|brasov|" +
    "sofia|plovdiv|varna|burgas|belgrade|novi sad|zagreb|split|rijeka|ljubljana|maribor|sarajevo|skopje|tirana|athens|thessaloniki|patras|istanbul|ankara|izmir|antalya|bursa|stockholm|gothenburg|goteborg|malmo|uppsala|oslo|bergen|trondheim|stavanger|copenhagen|kobenhavn|aarhus|odense|aalborg|" +
    "helsinki|tampere|turku|espoo|oulu|reykjavik|tallinn|tartu|riga|vilnius|kaunas|minsk|kyiv|kiev|lviv|odessa|odesa|kharkiv|moscow|saint petersburg|novosibirsk|kazan|tbilisi|yerevan|baku|almaty|tashkent|" +
    "new york city|los angeles|chicago|houston|phoenix|philadelphia|san antonio|san diego|dallas|san jose|austin|jacksonville|fort worth|columbus|charlotte|indianapolis|san francisco|seattle|denver|boston|nashville|detroit|portland|las vegas|memphis|louisville|baltimore|milwaukee|albuquerque|" +
    "tucson|fresno|sacramento|atlanta|miami|omaha|oakland|minneapolis|tulsa|wichita|new orleans|cleveland|tampa|honolulu|anchorage|boise|salt lake city|pittsburgh|cincinnati|st louis|saint louis|orlando|buffalo|richmond|raleigh|des moines|spokane|madison|reno|savannah|" +
    "toronto|montreal|vancouver|calgary|edmonton|ottawa|winnipeg|quebec city|halifax|victoria|sydney|melbourne|brisbane|perth|adelaide|canberra|hobart|darwin|auckland|wellington|christchurch|" +
    "tokyo|osaka|kyoto|yokohama|nagoya|sapporo|fukuoka|kobe|hiroshima|sendai|seoul|busan|incheon|daegu|beijing|shanghai|guangzhou|shenzhen|chengdu|wuhan|tianjin|hangzhou|nanjing|xian|taipei|bangkok|chiang mai|hanoi|ho chi minh city|saigon|da nang|manila|cebu|jakarta|surabaya|bandung|denpasar|kuala lumpur|penang|" +
    "mumbai|delhi|new delhi|bangalore|bengaluru|hyderabad|chennai|kolkata|pune|ahmedabad|jaipur|lucknow|surat|karachi|lahore|islamabad|dhaka|colombo|kathmandu|dubai|abu dhabi|doha|riyadh|jeddah|muscat|manama|tehran|baghdad|beirut|damascus|amman|jerusalem|tel aviv|haifa|" +
    "cairo|alexandria|casablanca|rabat|marrakesh|tunis|algiers|tripoli|lagos|abuja|ibadan|kano|accra|kumasi|dakar|abidjan|bamako|nairobi|mombasa|kampala|kigali|addis ababa|dar es salaam|lusaka|harare|johannesburg|cape town|durban|pretoria|luanda|maputo|kinshasa|" +
    "mexico city|guadalajara|monterrey|puebla|tijuana|cancun|bogota|medellin|cali|lima|cusco|quito|guayaquil|santiago|valparaiso|buenos aires|rosario|montevideo|asuncion|la paz|caracas|sao paulo|rio de janeiro|brasilia|salvador|fortaleza|belo horizonte|curitiba|recife|porto alegre|havana|san juan|panama city"
  ).split("|"),
);

/** @param text the whole cell; "Paris, France" is one too */
export function isPlace(text: string): boolean {
  const plain = withoutMarks(text.trim())
    .replace(/\./g, "")
    .replace(/-states\b/, " states");
  if (PLACES.has(plain)) return true;
  const [first, last] = [plain.split(",")[0], plain.split(",").at(-1)?.trim()];
  return plain.includes(",") && PLACES.has(first ?? "") && (last ?? "").length > 1;
}
