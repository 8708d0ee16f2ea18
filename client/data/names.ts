/** Given and family names of generated people, from many languages; any likeness is chance. */

export const GIVEN_NAMES: readonly string[] = [
  "Aisha Alma Anna Arjun Bao Bilal Camille Chloe Daniel Diego Dilnoza Elena Emeka Fatima Felix",
  "Freya Georgios Hana Hugo Ines Ivan Jana Jonas Julie Kofi Leila Liam Lucas Mei Milan Mona",
  "Nadia Noah Olga Omar Paolo Priya Rania Rosa Samuel Sofia Sven Tariq Tomas Vera Wanjiru Yuki",
  "Zofia",
].flatMap((line) => line.split(" "));

export const FAMILY_NAMES: readonly string[] = [
  "Abebe Almeida Andersen Bauer Bernard Castro Chen Cohen Costa Diallo Dubois Eriksen Farah",
  "Fischer Garcia Haddad Hansen Ibrahim Ito Jensen Kaya Kim Kowalski Lefevre Lopez Marino",
  "Mensah Meyer Moreau Murphy Nguyen Novak Nowak O'Brien Okafor Patel Petit Popescu Rossi Sato",
  "Schmidt Silva Singh Tanaka Vargas Virtanen Weber Zhang",
].flatMap((line) => line.split(" "));
