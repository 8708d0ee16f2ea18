/** Words that make a line a street or a postal box, by where they stand, in the languages we know. */

/** "12 Example Street": number, name, word. The second list also names things that are sold. */
export const AFTER_NAME =
  "street|st|road|rd|avenue|ave|lane|ln|boulevard|blvd|terrace|crescent|cres|parkway|pkwy|highway|hwy|mews|gardens|gdns|" +
  "court|ct|drive|dr|close|turnpike|esplanade|embankment|quay|circle|cir|parade|pde|rise|grove|way|place|pl|trail|trl|alley";
export const AFTER_NAME_OR_THING =
  "square|sq|row|walk|hill|park|view|green|loop|plaza|route|wharf|yard|path|bend|cove|crossing|point|ridge|run|heights|" +
  "vale|meadow|meadows|fields|gate|broadway|mall|villas|cottages|buildings|house|av|terr|bank|wood|end|croft|dale|brae|wynd|vista|glen|hollow|landing|pike|spur|pass|manor";

/** "12 rue de l'Exemple": number, word, name. */
export const NUMBER_THEN_WORD =
  "rue|avenue|av\\.|boulevard|bd|bld|place|chemin|ch\\.|impasse|allée|allee|quai|route|cours|passage|sentier|faubourg|" +
  "rond-point|villa|cité|esplanade|promenade|chaussée|clos|venelle|montée|traverse|calle|via|rua";

/** "Via Esempio 7": word, name, number. */
export const BEFORE_NAME =
  "via|viale|piazza|piazzale|corso|vicolo|largo|strada|calle|c/|avenida|avda\\.?|av\\.|paseo|plaza|pza\\.?|camino|carrera|ronda|" +
  "rua|travessa|praça|estrada|alameda|ul\\.|ulica|al\\.|aleja|aleje|os\\.|osiedle|pl\\.|plac|str\\.|bulevardul|bd\\.|" +
  "aleea|calea|rue|avenue|boulevard|chaussée|ulice|улица|ул\\.|проспект|пр-т|пр\\.|переулок|пер\\.|вулиця|вул\\.|бул\\.|булевард|" +
  "οδός|λεωφόρος|jalan|jl\\.|rruga|carrer|rambla|ulitsa|náměstí|nám\\.|námestie|trg|rúa|passeig|am|an der|auf der|im|zum|zur";

/** "Berliner Straße 5": name, word, number. */
export const BETWEEN =
  "straße|strasse|str\\.|weg|allee|platz|gasse|ring|damm|ufer|utca|út|u\\.|tér|krt\\.|körút|sétány|sokak|sokağı|sok\\.|sk\\.|" +
  "caddesi|cad\\.|cd\\.|bulvarı|blv\\.|vei|veien|vej|väg|vägen|gata|gatan|gate|gade|katu|tie|kuja|straat|laan|plein|kade|" +
  "ulica|trg|cesta|улица|проспект|street|road";

/** "Exempelgatan 3": name and word are one, then the number. */
export const SUFFIXES =
  "straße|strasse|str\\.|str|weg|allee|platz|gasse|ring|damm|ufer|chaussee|steig|stieg|markt|berg|hof|park|wall|graben|" +
  "straat|laan|plein|gracht|kade|singel|dijk|dreef|steeg|hof|pad|gatan|gata|gate|gaten|vägen|väg|veien|vegen|vei|vej|gade|" +
  "allé|plads|pladsen|torget|torg|torvet|stien|stigen|stræde|gränd|backen|katu|tie|kuja|polku|raitti|kaari|tänav|maantee|iela|gatvė|utca";

/** Beside these, in a column where nearly all cells have a house number: USPS Publication 28, C1, and other posts' words. */
export const IN_COLUMNS =
  "annex arcade bayou beach bluff bottom branch bridge brook brooks burg burgs bypass camp canyon cape causeway center centers circles cliff cliffs club common commons corner corners course courts coves creek crest crossroad curve dam divide drives estate estates expressway extension extensions fall falls ferry field flat flats ford fords forest forge forges fork forks fort freeway garden gateway glens greens groves harbor harbors haven hills inlet island islands isle junction junctions key keys knoll knolls lake lakes land light lights loaf lock locks lodge manors mill mills mission motorway mount mountain mountains neck orchard oval overpass parks parkways passage pine pines plain plains plazas points port ports prairie radial ramp ranch rapid rapids rest ridges river roads shoal shoals shore shores skyway spring springs spurs squares station stravenue stream streets summit throughway trace track trafficway trails tunnel underpass union unions valley valleys viaduct views village villages ville walks wall ways well wells " +
  "rotonda canale borgo incrocio contrada piazzetta lungomare galleria salita pasaje glorieta urbanización urbanizacion cuesta acceso callejón callejon vial bulevar costanilla r av beco largo urbanização calçada marg chowk nagar";

export const BOXES =
  "p\\.? ?o\\.? ?box|post office box|postfach|postbus|postboks|postbox|boîte postale|boite postale|b\\.? ?p\\.|apartado(?: de correos)?|" +
  "casella postale|caixa postal|skrytka pocztowa|locked bag|gpo box|private bag|postilokero";

export const UNITS =
  "flat|apt\\.?|apartment|suite|ste\\.?|unit|floor|fl\\.?|room|rm\\.?|#|bldg\\.?|building|appt?\\.?|appartement|bât\\.?|wohnung|whg\\.?|" +
  "piso|puerta|esc\\.?|interno|int\\.?|lgh|m\\.|lok\\.|kv\\.|кв\\.|daire|level|lot|shop|studio|penthouse|étage|etage|stock|th|tv|mf|bus|bte|boîte";
