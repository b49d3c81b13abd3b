"""Places of publication: cities that publish, and the states and countries that stand beside them.

The lists are evidence, not a gate: a place nobody listed is still read where the punctuation
("Title. Place: Publisher") says what it is. Nothing is looked up, completed or corrected.
"""

import re

_CITIES = """
Aarhus|Aberdeen|Abingdon|Addis Ababa|Albany|Albuquerque|Aldershot|Alexandria|Algiers|Amherst|Amsterdam|Ankara|Ann Arbor|
Antwerp|Antwerpen|Arlington|Armonk|Ashgate|Astana|Athens|Atlanta|Auckland|Austin|Baku|Baltimore|Bangalore|Bangkok|
Barcelona|Barnaul|Basel|Basingstoke|Baton Rouge|Beijing|Beirut|Belfast|Belgrade|Belmont|Bergen|Berkeley|Berlin|Bern|
Bethesda|Beverly Hills|Bielefeld|Birmingham|Bloomington|Bloomsbury|Bogota|Bogotá|Bologna|Bombay|Bonn|Boston|Boulder|
Bratislava|Brighton|Bristol|Brno|Brooklyn|Brussels|Bruxelles|Bucharest|Budapest|Buenos Aires|Buffalo|Burlington|Cairo|
Calcutta|Cambridge|Cambridge Mass.|Canberra|Cape Town|Caracas|Carbondale|Cardiff|Cham|Champaign|Chapel Hill|
Charlottesville|Cheltenham|Chicago|Chichester|Cincinnati|Cleveland|College Park|College Station|Cologne|Colombo|Columbia|
Columbus|Copenhagen|Cork|Dallas|Damascus|Dar es Salaam|Delhi|Denver|Detroit|Dordrecht|Dover|Dublin|Durham|Düsseldorf|
East Lansing|Edinburgh|Englewood Cliffs|Essen|Evanston|Exeter|Farnham|Fayetteville|Firenze|Florence|Frankfurt|
Frankfurt a.M.|Frankfurt am Main|Freiburg|Garden City|Geneva|Genève|Glasgow|Glencoe|Gloucester|Grand Rapids|Graz|
Greenwich|Guildford|Göttingen|Hague|Halifax|Halle|Hamburg|Hamden|Hannover|Hanoi|Hanover|Harlow|Harmondsworth|Hartford|
Havana|Heidelberg|Helsinki|Hillsdale|Hoboken|Homewood|Hong Kong|Honolulu|Houndmills|Houston|Hove|Indianapolis|Istanbul|
Ithaca|Jakarta|Jena|Jerusalem|Johannesburg|Kansas City|Karachi|Kazan|Kharkiv|Kharkov|Kiev|Knoxville|Krakow|Kraków|
Kuala Lumpur|Kyiv|Kyoto|Lagos|Lahore|Lanham|Lausanne|Lawrence|Leeds|Leicester|Leiden|Leipzig|Leningrad|Leuven|Lewiston|
Lexington|Lima|Lincoln|Lisboa|Lisbon|Liverpool|Ljubljana|London|Los Angeles|Louisville|Lund|Lyon|Madison|Madras|Madrid|
Mahwah|Malden|Manchester|Manila|Medford|Melbourne|Mexico City|Miami|Milan|Milano|Milwaukee|Mineola|Minneapolis|Minsk|
Montevideo|Montreal|Montréal|Moscow|Moskva|Mumbai|Munich|Murfreesboro|México|München|N.Y.|Nairobi|Naples|Nashville|
New Brunswick|New Delhi|New Haven|New Orleans|New York|New York City|Newark|Newbury Park|Nijmegen|Norman|Northampton|
Notre Dame|Nottingham|Novosibirsk|NY|Oak Park|Oakland|Oberlin|Odessa|Oslo|Ottawa|Oxford|Padua|Palo Alto|Paris|Peking|
Philadelphia|Pittsburgh|Plymouth|Port-au-Prince|Portland|Prague|Praha|Princeton|Providence|Quito|Reading|Reykjavik|
Richmond|Riga|Rio de Janeiro|Rochester|Roma|Rome|Rotterdam|Saigon|Salt Lake City|San Diego|San Francisco|San Jose|
Sankt-Peterburg|Santa Barbara|Santa Monica|Santiago|Seattle|Seoul|Shanghai|Singapore|Sofia|Southampton|St. Louis|St. Paul|
St. Petersburg|Stamford|Stanford|Stockholm|Strasbourg|Stuttgart|Sydney|Syracuse|São Paulo|Tallinn|Tartu|Tashkent|Tbilisi|
Tehran|Tel Aviv|The Hague|Thousand Oaks|Tokyo|Torino|Toronto|Totowa|Toulouse|Tucson|Tunis|Turin|Tuscaloosa|Tübingen|
Uppsala|Urbana|Utrecht|Vancouver|Venice|Vienna|Vilnius|Warsaw|Warszawa|Washington|Washington DC|Washington, D.C.|
Wellington|Westport|Wien|Wiesbaden|Wilmington|Winnipeg|Woodbridge|Wrocław|Yerevan|Zagreb|Zurich|Zürich
"""
_REGIONS = """
Ala.|Alabama|Alaska|Alberta|Argentina|Ariz.|Arizona|Ark.|Arkansas|Australia|Austria|B.C.|BC|Belgium|Brazil|Bulgaria|CA|
Cal.|Calif.|California|Canada|China|CO|Colo.|Colorado|Conn.|Connecticut|CT|Cuba|Czechoslovakia|D. C.|D.C.|DC|DDR|Del.|
Delaware|Denmark|Devon|East Germany|Egypt|England|Essex|Finland|FL|Fla.|Florida|France|GA|Ga.|GDR|Georgia|Germany|
Great Britain|Greece|Hampshire|Hawaii|HI|Holland|Hungary|IA|Idaho|IL|Ill.|Illinois|IN|Ind.|India|Indiana|Iowa|Ireland|
Israel|Italy|Japan|Kan.|Kans.|Kansas|Kent|Kentucky|KS|KY|Ky.|LA|La.|Louisiana|MA|Maine|Manitoba|Maryland|Mass.|
Massachusetts|MD|Md.|ME|Mexico|MI|Mich.|Michigan|Middlesex|Minn.|Minnesota|Miss.|Mississippi|Missouri|MN|MO|Mo.|Mont.|
Montana|N. J.|N. Y|N. Y.|N.C.|N.H.|N.J.|N.M.|N.Y.|NC|NE|Neb.|Nebraska|Netherlands|Nev.|Nevada|New Hampshire|New Jersey|
New Mexico|New York|New Zealand|NH|NJ|NM|North Carolina|North Dakota|Norway|NY|OH|Ohio|OK|Okla.|Oklahoma|ON|Ont.|Ontario|
OR|Ore.|Oregon|PA|Pa.|Penn.|Pennsylvania|Poland|Portugal|Quebec|Québec|R.I.|Rhode Island|RI|Romania|Russia|S.C.|SC|
Scotland|South Africa|South Carolina|South Dakota|Spain|Surrey|Sussex|Sweden|Switzerland|Tenn.|Tennessee|Tex.|Texas|
The Netherlands|TN|Turkey|TX|U.K.|U.S.A.|U.S.S.R.|UK|Ukraine|United States|USA|USSR|UT|Utah|VA|Va.|Vermont|Virginia|VT|
Vt.|W. Va.|WA|Wales|Wash.|Washington|West Virginia|WI|Wis.|Wisconsin|Wyoming|Yugoslavia
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
