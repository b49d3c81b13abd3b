"""Places of publication: cities that publish, and the states and countries that stand beside them.

The lists are evidence, not a gate: a place nobody listed is still read where the punctuation
("Title. Place: Publisher") says what it is. Nothing is looked up, completed or corrected.
"""

import re

_CITIES = """
Aarhus|Aberdeen|Addis Ababa|Albany|Albuquerque|Alexandria|Algiers|Amherst|Amsterdam|Ankara|Ann Arbor|Antwerp|Antwerpen|Arlington|Armonk|
Astana|Athens|Atlanta|Auckland|Austin|Baku|Baltimore|Bangalore|Bangkok|Barcelona|Barnaul|Basel|Basingstoke|Baton Rouge|Beijing|Beirut|
Belfast|Belgrade|Belmont|Bergen|Berkeley|Berlin|Bern|Bethesda|Beverly Hills|Birmingham|Bloomington|Bogota|Bogotá|Bologna|Bombay|Bonn|
Boston|Boulder|Bratislava|Bristol|Brno|Brooklyn|Brussels|Bruxelles|Bucharest|Budapest|Buenos Aires|Buffalo|Cairo|Calcutta|Cambridge|
Canberra|Cape Town|Caracas|Cardiff|Carbondale|Champaign|Chapel Hill|Charlottesville|Chicago|Cincinnati|Cleveland|College Park|
College Station|Cologne|Colombo|Columbia|Columbus|Copenhagen|Cork|Dallas|Damascus|Dar es Salaam|Delhi|Denver|Detroit|Dordrecht|Dublin|
Durham|Düsseldorf|East Lansing|Edinburgh|Englewood Cliffs|Essen|Evanston|Exeter|Fayetteville|Firenze|Florence|Frankfurt|
Frankfurt am Main|Frankfurt a.M.|Freiburg|Garden City|Geneva|Genève|Glasgow|Glencoe|Gloucester|Göttingen|Grand Rapids|Graz|Greenwich|
Guildford|Hague|Halifax|Halle|Hamburg|Hamden|Hannover|Hanoi|Hanover|Harlow|Harmondsworth|Hartford|Havana|Heidelberg|Helsinki|Hillsdale|
Hoboken|Homewood|Hong Kong|Honolulu|Houndmills|Houston|Indianapolis|Istanbul|Ithaca|Jakarta|Jena|Jerusalem|Johannesburg|Kansas City|
Karachi|Kazan|Kharkov|Kharkiv|Kiev|Kyiv|Knoxville|Kraków|Krakow|Kuala Lumpur|Kyoto|Lagos|Lahore|Lanham|Lausanne|Lawrence|Leeds|Leiden|
Leicester|Leipzig|Leningrad|Leuven|Lewiston|Lexington|Lima|Lincoln|Lisbon|Lisboa|Liverpool|Ljubljana|London|Los Angeles|Louisville|Lund|
Lyon|Madison|Madras|Madrid|Malden|Manchester|Manila|Medford|Melbourne|Mexico City|México|Miami|Milan|Milano|Milwaukee|Mineola|
Minneapolis|Minsk|Montevideo|Montreal|Montréal|Moscow|Moskva|Mumbai|Munich|München|Nairobi|Naples|Nashville|New Brunswick|New Delhi|
New Haven|New Orleans|New York|New York City|Newark|Newbury Park|Nijmegen|Norman|Northampton|Notre Dame|Nottingham|Novosibirsk|Oak Park|
Oakland|Oberlin|Odessa|Oslo|Ottawa|Oxford|Padua|Palo Alto|Paris|Peking|Philadelphia|Pittsburgh|Port-au-Prince|Portland|Prague|Praha|
Princeton|Providence|Quito|Reading|Reykjavik|Richmond|Riga|Rio de Janeiro|Rochester|Roma|Rome|Rotterdam|Saigon|Salt Lake City|
San Diego|San Francisco|San Jose|Santa Barbara|Santa Monica|Santiago|São Paulo|Seattle|Seoul|Shanghai|Singapore|Sofia|Southampton|Stamford|
Stanford|St. Louis|St. Paul|St. Petersburg|Sankt-Peterburg|Stockholm|Strasbourg|Stuttgart|Sydney|Syracuse|Tallinn|Tartu|Tashkent|Tbilisi|
Tehran|Tel Aviv|The Hague|Thousand Oaks|Tokyo|Toronto|Totowa|Toulouse|Tübingen|Tucson|Tunis|Turin|Torino|Tuscaloosa|Uppsala|Urbana|
Utrecht|Vancouver|Venice|Vienna|Wien|Vilnius|Warsaw|Warszawa|Washington|Washington DC|Washington, D.C.|Wellington|Westport|Wiesbaden|
Wilmington|Winnipeg|Wrocław|Yerevan|Zagreb|Zürich|Zurich|Bielefeld|Bloomsbury|Cambridge Mass.|Cham|Dover|Farnham|Garden City|Hove|
Abingdon|Aldershot|Ashgate|Brighton|Burlington|Cheltenham|Chichester|Philadelphia|Plymouth|Woodbridge|Mahwah|Murfreesboro|Minsk|N.Y.|NY
"""
_REGIONS = """
Alabama|Ala.|Alaska|Arizona|Ariz.|Arkansas|Ark.|California|Calif.|Cal.|CA|Colorado|Colo.|CO|Connecticut|Conn.|CT|Delaware|Del.|D.C.|D. C.|DC|
Florida|Fla.|FL|Georgia|Ga.|GA|Hawaii|HI|Idaho|Illinois|Ill.|IL|Indiana|Ind.|IN|Iowa|IA|Kansas|Kans.|Kan.|KS|Kentucky|Ky.|KY|Louisiana|La.|LA|
Maine|ME|Maryland|Md.|MD|Massachusetts|Mass.|MA|Michigan|Mich.|MI|Minnesota|Minn.|MN|Mississippi|Miss.|Missouri|Mo.|MO|Montana|Mont.|
Nebraska|Neb.|NE|Nevada|Nev.|New Hampshire|N.H.|NH|New Jersey|N.J.|N. J.|NJ|New Mexico|N.M.|NM|New York|N.Y.|N. Y.|N. Y|NY|North Carolina|N.C.|NC|
North Dakota|Ohio|OH|Oklahoma|Okla.|OK|Oregon|Ore.|OR|Pennsylvania|Penn.|Pa.|PA|Rhode Island|R.I.|RI|South Carolina|S.C.|SC|
South Dakota|Tennessee|Tenn.|TN|Texas|Tex.|TX|Utah|UT|Vermont|Vt.|VT|Virginia|Va.|VA|Washington|Wash.|WA|West Virginia|W. Va.|Wisconsin|
Wis.|WI|Wyoming|England|Scotland|Wales|Ireland|Great Britain|UK|U.K.|USA|U.S.A.|United States|Canada|Ont.|Ontario|ON|Quebec|Québec|B.C.|BC|
Alberta|Manitoba|Australia|New Zealand|India|Belgium|Holland|Netherlands|The Netherlands|Germany|East Germany|DDR|GDR|France|Italy|Spain|
Portugal|Switzerland|Austria|Poland|Hungary|Czechoslovakia|Bulgaria|Romania|Yugoslavia|Greece|Turkey|Russia|USSR|U.S.S.R.|Ukraine|Sweden|
Norway|Denmark|Finland|China|Japan|Israel|Egypt|South Africa|Mexico|Brazil|Argentina|Cuba|Essex|Surrey|Kent|Sussex|Middlesex|Hampshire|Devon
"""


def _names(listing: str) -> frozenset[str]:
    return frozenset(name.casefold() for name in listing.replace("\n", "").split("|") if name)


CITIES = _names(_CITIES)
REGIONS = _names(_REGIONS)
_PLACE_WORD = re.compile(r"(?:[^\W\d_a-z][\w’'.-]*|am|an|der|del|de|la|le|les|upon|on|sur|do|dos|den|s\.l\.)$")
_LONGEST = 4


def is_city(text: str) -> bool:
    """Whether a text names one of the listed cities."""
    return text.casefold() in CITIES


def is_region(text: str) -> bool:
    """Whether a text names a state, province or country, or abbreviates one."""
    return text.casefold() in REGIONS or text.casefold() + "." in REGIONS


def could_be_place(text: str) -> bool:
    """Whether a text is shaped like the name of a town nobody listed: one to four capitalised words, no digits."""
    words = text.split()
    return 0 < len(words) <= _LONGEST and all(_PLACE_WORD.match(word) for word in words) and words[0][0].isupper()
