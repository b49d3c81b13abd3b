"""Sets references with known parts, for training and judging the citation tagger: words from data, forms from manuals.

A reference is a list of (label, text), as in the labelled data. Words (names, titles, journals, publishers, places) are
drawn from what the given labelled references, CSL items and paragraphs hold, and crossed with each other, so that no
set reference names a real work. The same seed sets the same references.
"""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from index.citations.people import parse_names
from index.citations.words import LEXICON

Part = tuple[str, str]

LANGUAGES = {
    "de": "der die das und des dem den im zur zum von für über eine einer",
    "fr": "le la les des du et une dans pour sur aux l d",
    "it": "il lo gli della delle dei nel nella per una di e",
    "es": "el los las del y una en por para con la",
    "en": "the of and in on for to with from a an",
}
_LABELS = dict(
    a="author", e="editor", r="translator", t="title", c="container-title", j="journal", v="volume", d="date", g="pages",
    l="location", p="publisher", x="edition", k="genre", s="collection-title", n="note",
)  # fmt: skip
_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}

# A form is a row of parts "label:text"; {…} is filled, a part without its value is left out, "^" joins without a space.
FORMS: dict[str, list[str]] = {
    "book": [
        # notes
        "a:{Ad},|t:{T},|r:trans. {Rd},|e:ed. {Ed},|x:{X},|v:vol. {V}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{Ad},|t:{T},|r:trans. {Rd}|e:and ed. {Ed},|x:{X}|l:({L}:|p:{P},|d:{Y}),|v:{V}:^g:{N}.",
        "a:{Ad},|t:{T},|r:trans. and ed. {Rd}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{Ad},|t:{T},|r:trans. {Rd}|e:and ed. {Ed}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{Ad},|t:{T},|e:ed. {Ed}|r:and trans. {Rd},|x:{X}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{Ad},|t:{T},|e:ed. {Ed},|r:trans. {Rd}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{Ad},|t:{T},|r:translated by {Rd},|e:edited by {Ed}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{Ad},|t:{T},|r:ed. and trans. {Rd}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{Ai}.|t:{T}.|e:Edited by {Ed}.|r:Translated by {Rd}.|l:{L}:|p:{P},|d:{Y}.",
        "a:{Ad},|t:{T}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{Ad},|t:{T}|l:({L}:|p:{P},|d:{Y}),|g:p. {N}.",
        "a:{Ad},|t:{T},|v:{V} vols.|l:({L}:|p:{P},|d:{Y}),|v:{V}:^g:{N}.",
        "a:{Ad},|t:{T}|l:({L},|d:{Y}),|g:{N}.",
        "a:{Ad},|t:{T}|p:({P},|d:{Y}),|g:{N}",
        "a:{Ad},|t:{T},|l:{L}:|p:{P},|d:{Y},|g:p. {N}",
        "a:{Ad},|t:{T},|l:{L},|p:{P},|d:{Y},|g:pp. {NN}.",
        "a:{Ad},|t:{T},|p:{P},|d:{Y},|g:p. {N}",
        "a:{Ad},|t:{T},|p:{P},|l:{L},|d:{Y},|g:p. {N}.",
        "a:{Ad},|t:{T},|l:{L}|d:{Y},|g:p. {N}.",
        "a:{Ad},|t:{T},|d:{Y},|g:p. {N}",
        "a:{Ad},|t:{T},|g:p. {N}",
        "a:{Ad},|t:{B},|d:{Y},|g:p. {N}",
        "a:{Ad},|t:{B},|d:{Y},|g:{N}.",
        "a:{Ad},|t:{B},|g:p. {N}",
        "a:{Ai}.|t:{B}.|d:{Y}.|g:{N}.",
        "a:{Ad},|t:{T}|d:({Y}),|g:{N}.",
        "a:{Ad}.|t:{T}.|l:{L}:|p:{P},|d:{Y}.",
        "e:{Ed}, ed.,|t:{T}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "e:{Ed}, eds.,|t:{T}|l:({L}:|p:{P},|d:{Y}),|g:{NN}.",
        "e:{Ed} (ed.),|t:{T}|l:({L}:|p:{P},|d:{Y}),|g:p. {N}.",
        "t:{T},|e:ed. {Ed}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "t:{T}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{As},|t:{T},|g:{N}.",
        "a:{As},|t:{B},|g:{N}.",
        "a:{Al},|t:{T}.|l:{L}:|p:{P},|d:{Y},|g:p. {N}.",
        "a:{Ad},|t:{T}|s:({S})|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        # lists
        "a:{Ai}.|t:{T}.|r:Translated by {Rd}.|e:Edited by {Ed}.|x:{X}.|v:Vol. {V}.|l:{L}:|p:{P},|d:{Y}.",
        "a:{Ai}.|t:{T}.|l:{L}:|p:{P},|d:{Y}.",
        "a:{Ai}.|t:{T}.|l:{L}:|p:{P},|d:{Y},|g:p. {N}.",
        "a:{Ai}.|t:{T}.|l:{L}:|p:{P},|d:{Y}.|g:{N}.",
        "a:{Ai},|t:{T},|l:{L}:|p:{P},|d:{Y},|g:p. {N}",
        "a:{Ai},|t:{T}|l:({L}:|p:{P},|d:{Y}),|g:{NN}.",
        "a:{Ai},|t:{T},|p:{P},|l:{L},|d:{Y},|g:{NN}.",
        "a:{Ai}.|t:{T}.|x:{X}.|p:{P},|d:{Y}.",
        "a:{Ai}.|t:{T}.|p:{P},|d:{Y},|g:p. {N}.",
        "a:{Ai}.|t:{T}.|v:{V} vols.|l:{L}:|p:{P},|d:{Y}.",
        "a:{Ai}.|t:{T}.|s:{S}.|l:{L}:|p:{P},|d:{Y}.",
        "a:{Ai}.|d:{Y}.|t:{T}.|x:{X}.|l:{L}:|p:{P}.",
        "a:{Ai}|d:{Y}|t:{T}.|l:{L}:|p:{P}.",
        "a:{Ai}.|d:{Y}.|t:{T}.|l:{L}:|p:{P},|g:{N}.",
        "e:{Ei}, ed.|t:{T}.|l:{L}:|p:{P},|d:{Y}.",
        "e:{Ei}, editors.|t:{T}.|p:{P},|d:{Y}.",
        "e:{Ei}, eds.|d:{Y}.|t:{T}.|l:{L}:|p:{P}.",
        "t:{T}.|e:Ed. {Ed}.|l:{L}:|p:{P},|d:{Y}.",
        "t:{T}.|l:{L}:|p:{P},|d:{Y}.|g:{N}.",
        # author, year and initials
        "a:{An}|d:({Y}).|t:{T}|x:({X}).|p:{P}.",
        "a:{An}|d:({Y}).|t:{T}.|p:{P}.",
        "a:{An}|d:({Y}).|t:{T}.|l:{L}:|p:{P}.",
        "a:{Ai}.|d:{Y}.|t:{T}.|p:{P}.",
        "a:{Ai}.|d:{Y}.|t:{T}.",
        "a:{Ai}.|t:{T}.|d:{Y}.",
        "a:{An}|d:({Y}).|t:{T}.",
        "a:{Ai}.|t:{T}.|x:{X},|p:{P},|d:{Y}.|s:{S}.",
        "a:{Ai}.|t:{T}.|r:Translated by {Rd},|x:{X},|v:vol. {V},|p:{P},|d:{Y}.",
        "a:{Ai}.|t:{T}.|x:{X}.|s:{S}.|l:{L}:|p:{P},|d:{Y}.",
        "a:{Ai}.|d:{Y}.|t:{T}.|s:{S}.|l:{L}:|p:{P}.",
        "a:{Ad},|t:{T},|x:{X},|s:{S}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{Ad},|t:{T}.|l:{L}:|p:{P},|d:{Y}.|n:ISBN 978-0-{D}-000000-{I}.",
        "a:{Ad}.|t:{T}.|l:{L}:|p:{P},|d:{Y}.|g:{N}",
        "a:{Ac}.|t:{T}.|l:{L}:|p:{P},|d:{Y}.|g:p. {N}",
        "a:{Ad},|t:{T}|l:{L}:|p:{P},|d:{Y}|g:p. {N}",
        "a:{Ad},|t:{T},|x:{X}|l:({L}:|p:{P},|d:{Y};|n:repr., {L}: {P}, {Y}),|g:{N}.",
        "a:{Ai}.|t:{T}.|n:{Y}. Reprint,|l:{L}:|p:{P},|d:{Y}.",
        "t:{T},|l:{L},|d:{Y},|g:p. {N}",
        "a:{Ad},|t:{T},|d:{Y}.",
        "a:{An}|d:({Y}).|t:{T}|v:(Vol. {V}).|p:{P}.",
        "a:{An}|d:({Y}).|t:{T}|r:({Rn}, Trans.).|p:{P}.",
        "e:{En} (Eds.).|d:({Y}).|t:{T}.|p:{P}.",
        "e:{En} (Ed.).|d:({Y}).|t:{T}.|l:{L}:|p:{P},|g:p. {N}.",
        "a:{An},|d:{Y}.|t:{T}.|x:{X}.|l:{L}:|p:{P}.",
        "a:{An}|d:{Y},|t:{T},|p:{P},|l:{L}.",
        "a:{An}|d:({Y})|t:{T},|x:{X},|l:{L}:|p:{P},|g:p. {N}.",
        "a:{An}|d:({Y}),|t:{T},|p:{P},|l:{L},|g:pp. {NN}",
        "a:{An}|t:{T}.|l:{L}:|p:{P};|d:{Y}.|g:p. {N}.",
        "a:{An}|t:{T},|x:{X},|p:{P},|l:{L}|d:({Y}).",
        "a:{Ad}|d:({Y}).|t:{T},|g:p. {N}.",
    ],
    "article": [
        "a:{Ad},|t:“{T},”|j:{J}|v:{V},|v:no. {I}|d:({Y}):|g:{G}.",
        "a:{Ad},|t:“{T},”|j:{J}|v:{V},|v:no. {I}|d:({M} {Y}):|g:{N}.",
        "a:{Ad},|t:“{T},”|j:{J}|v:{V}|d:({Y}):|g:{N}.",
        "a:{Ad},|t:“{T},”|j:{J},|v:vol. {V},|v:no. {I}|d:({Y}),|g:pp. {G}.",
        "a:{Ad},|t:“{T},”|j:{J}|v:{V}:^v:{I}|d:({Y}),|g:{G}.",
        "a:{Ad},|t:‘{T}’,|j:{J},|v:{V}|d:({Y}),|g:pp. {G},|g:at p. {N}.",
        "a:{Ad},|t:‘{T}’,|j:{J},|v:{V}^v:({I})|d:({Y}),|g:{G}.",
        "a:{Ad},|t:“{T},”|j:{J}|v:{V},|v:no. {I}|d:({Y}):|g:{G}, here {N}.",
        "a:{Ad},|t:“{T}”,|j:{J}|v:{V}.^v:{I}|d:({Y}),|g:{G}.",
        "a:{Ad},|t:“{T},”|j:{J}|d:({M} {Y}):|g:{N}.",
        "a:{Ad},|t:“{T}”|g:p. {N}",
        "a:{Ad},|t:“{T}”|g:pgg {NN}",
        "a:{Ad}.|t:“{T}.”|j:{J}|v:{V}|d:({Y}):|g:{G}.",
        "a:{Ai}.|t:“{T}.”|j:{J}|v:{V},|v:no. {I}|d:({Y}):|g:{G}.",
        "a:{Ai}.|t:“{T}.”|j:{J}|v:{V}|d:({Y}):|g:{G}.",
        "a:{Ai}.|t:“{T}.”|j:{J}|v:{V}.^v:{I}|d:({Y}):|g:{G}.",
        "a:{Ai}.|t:“{T}.”|j:{J},|v:vol. {V},|v:no. {I},|d:{Y},|g:pp. {G}.",
        "a:{Ai}.|t:“{T}.”|j:{J},|v:vol. {V},|v:no. {I},|d:{m} {Y},|g:pp. {G}.",
        "a:{Ai}.|d:{Y}.|t:“{T}.”|j:{J}|v:{V}^v:({I}):|g:{G}.",
        "a:{Ai}.|d:{Y}.|t:“{T}.”|j:{J}|v:{V}:|g:{G}.",
        "a:{Ai}.|d:{Y}.|t:{T}.|j:{J}|v:{V}:^g:{G}.",
        "a:{Ai}.|d:{Y}.|t:“{T}.”|j:{J}|v:({I}):|g:{G}.",
        "a:{Ai},|t:“{T},”|j:{J},|v:{V}|d:({Y}),|g:{G}.",
        "a:{Ai}.|t:{T}.|j:{J},|v:vol. {V},|v:no. {I},|d:{Y},|g:p. {N}.",
        "a:{An}|d:({Y}).|t:{T}.|j:{J},|v:{V}^v:({I}),|g:{G}.",
        "a:{An}|d:({Y}).|t:{T}.|j:{J},|v:{V},|g:{G}.",
        "a:{An}|d:({Y}, {M}).|t:{T}.|j:{J},|v:{V},|g:{G}.",
        "a:{An}|d:({Y}).|t:{T}.|j:{J}|v:{V}:|g:{G}.",
        "a:{An}|d:({Y})|t:‘{T}’,|j:{J},|v:{V}^v:({I}),|g:pp. {G}.",
        "a:{An},|d:{Y}.|t:{T}.|j:{J},|v:{V}^v:({I}),|g:pp.{G}.",
        "a:{Av}.|t:{T}.|j:{J}.|d:{Y};^v:{V}^v:({I}):^g:{G}.",
        "a:{Av}.|t:{T}.|j:{J}|d:{Y};|v:{V}:|g:{G}.",
        "a:{An}|t:{T}.|j:{J}|v:{V},|g:{G}|d:({Y}).",
        "a:{Ad},|t:“{T},”|j:{J},|v:vol. {V},|v:no. {I},|g:pp. {G},|d:{Y}.",
        "a:{Ad}.|t:{T}.|j:{J},|v:{V}^v:({I}):^g:{G},|d:{M} {Y}.",
        "t:“{T},”|j:{J}|v:{V}|d:({Y}):|g:{N}.",
    ],
    "newspaper": [
        "a:{Ad},|t:“{T},”|j:{W},|d:{M} {D}, {Y}.",
        "a:{Ad},|t:“{T},”|j:{W},|d:{M} {D}, {Y},|g:p. {N}.",
        "a:{Ad},|t:“{T},”|j:{W},|d:{D} {M} {Y},|g:{N}.",
        "a:{Ad},|t:‘{T}’,|j:{W},|d:{D} {M} {Y}.",
        "a:{Ai}.|t:“{T}.”|j:{W},|d:{D} {m} {Y},|g:p. {N}.",
        "a:{Ai}.|t:“{T}.”|j:{W},|d:{M} {D}, {Y}.",
        "a:{An}|d:({Y}, {M} {D}).|t:{T}.|j:{W}.",
        "a:{An}|d:({Y}, {M} {D}).|t:{T}.|j:{W},|g:{N}.",
        "a:{An}|d:({Y})|t:‘{T}’,|j:{W},|d:{D} {M},|g:p. {N}.",
        "a:{Ai}.|t:“{T}.”|j:{W}.|d:{M} {D}, {Y}.",
        "a:{Ai}.|d:{Y}.|t:“{T}.”|j:{W},|d:{M} {D}.",
        "t:“{T},”|j:{W},|d:{M} {D}, {Y}.",
        "t:“{T}.”|j:{W},|d:{M} {D}, {Y}.",
        "j:{W},|d:{M} {D}, {Y},|g:p. {N}.",
        "a:{Ad},|j:{W},|d:{M} {Y},|g:p. {N}.",
    ],
    "chapter": [
        "a:{Ad},|t:“{T},”|c:in {C},|e:ed. {Ed}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{Ad},|t:“{T},”|c:in {B},|e:ed. {Ed}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{An}|d:({Y}).|t:{T}.|c:In {C},|v:vol. {V}:|n:{B}.|e:{Ed}, ed.|l:{L}:|p:{P},|g:{N}.",
        "a:{Ai}.|t:“{T}.”|c:In {C},|v:vol. {V}:|n:{B}.|e:{Ed}, eds.|l:{L}:|p:{P},|d:{Y},|g:{N}.",
        "a:{Ai}.|t:“{T}.”|c:In {C},|v:vol. {V}.|e:{Ed}, ed.|l:{L}:|p:{P},|d:{Y},|g:{N}.",
        "a:{Ad},|t:“{T},”|c:in {C},|e:edited by {Ed}|l:({L}:|p:{P},|d:{Y}),|g:{G}.",
        "a:{Ad},|t:“{T},”|e:in {Ed} (ed.),|c:{C}|l:({L}:|p:{P},|d:{Y}),|g:pp. {G},|g:at p. {N}.",
        "a:{Ad},|t:“{T},”|e:in {Ed}, eds.,|c:{C}|l:({L}:|p:{P},|d:{Y}),|g:{G}.",
        "a:{Ad},|t:‘{T}’,|c:in {C},|e:ed. by {Ed}|l:({L}:|p:{P},|d:{Y}),|g:pp. {G}.",
        "a:{Ad},|t:“{T}”|c:in {C}|l:({L}:|p:{P},|d:{Y}),|g:p. {N}",
        "a:{Ai}.|t:“{T}.”|c:In {C},|e:edited by {Ed},|g:{G}.|l:{L}:|p:{P},|d:{Y}.",
        "a:{Ai}.|t:“{T}.”|c:In {C},|e:ed. {Ed}.|l:{L}:|p:{P},|d:{Y}.",
        "a:{Ai}.|t:“{T}.”|c:{C},|e:edited by {Ed},|p:{P},|d:{Y},|g:pp. {G}.",
        "a:{Ai}.|t:“{T}.”|c:{C}.|e:Ed. {Ed}.|l:{L}:|p:{P},|d:{Y}.|g:{G}.",
        "a:{Ai}.|d:{Y}.|t:“{T}.”|c:In {C},|e:edited by {Ed},|g:{G}.|l:{L}:|p:{P}.",
        "a:{Ai}.|d:{Y}.|t:{T}.|e:In {Ed} (eds.),|c:{C}.|l:{L}:|p:{P},|g:{G}.",
        "a:{Ai},|t:“{T},”|e:in {Ed}, ed.,|c:{C},|l:{L},|p:{P},|d:{Y},|g:pp. {G}.",
        "a:{An}|d:({Y}).|t:{T}.|c:In {C},|v:vol. {V}.|e:{Ed}, ed.|l:{L}:|p:{P},|g:{G}.",
        "a:{Ai}.|t:“{T}.”|c:In {C}.|e:{Ed}, ed.|l:{L}:|p:{P},|d:{Y}.",
        "a:{An}|d:({Y}).|t:{T}.|e:In {Ed} (Eds.),|c:{C}|g:(pp. {G}).|p:{P}.",
        "a:{An}|d:({Y}).|t:{T}.|e:In {En} (Ed.),|c:{C}|g:(pp. {G}).|l:{L}:|p:{P}.",
        "a:{An}|d:({Y}).|t:{T}.|c:In {C}|v:(Vol. {V},|g:pp. {G}).|p:{P}.",
        "a:{An}|d:({Y}).|t:{T}.|e:In {Ed} (Eds.),|c:{C}.|l:{L}:|p:{P}.",
        "a:{An}|d:({Y})|t:‘{T}’,|e:in {En} (ed.)|c:{C},|l:{L}:|p:{P},|g:pp. {G}.",
        "a:{An},|d:{Y}.|t:{T}.|e:In: {En}, eds.|c:{C}.|l:{L}:|p:{P},|g:pp. {G}.",
        "a:{Av}.|t:{T}.|e:In: {Ev}, editors.|c:{C}.|l:{L}:|p:{P};|d:{Y}.|g:p. {G}.",
        "a:{Ad}.|t:{T}.|c:In {C},|g:pages {G},|l:{L},|d:{Y}.|p:{P}.",
    ],
    "thesis": [
        "a:{Ad},|t:“{T}”|k:({K},|p:{Z},|d:{Y}),|g:{N}.",
        "a:{Ad},|t:{T},|k:{K},|p:{Z},|d:{Y},|g:p. {N}.",
        "a:{Ai}.|t:“{T}.”|k:{K},|p:{Z},|d:{Y}.",
        "a:{Ai}.|t:“{T}.”|k:{K}.|p:{Z},|d:{Y}.|g:{N}.",
        "a:{Ai}.|d:{Y}.|t:“{T}.”|k:{K},|p:{Z}.",
        "a:{An}|d:({Y}).|t:{T}|k:[{K},|p:{Z}].",
        "a:{An}|d:({Y}).|t:{T}|k:({K}).|p:{Z}.",
        "a:{Ai}.|t:{T}.|d:{Y}.|p:{Z},|k:{K}.",
    ],
    "report": [
        "a:{O}.|t:{T}.|l:{L}:|p:{P},|d:{Y}.",
        "a:{O},|t:{T}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{O}|d:({Y}).|t:{T}|k:({Q}).|p:{P}.",
        "a:{Ai}.|t:{T}.|k:{Q}.|l:{L}:|p:{P},|d:{Y}.",
        "a:{Ai}.|t:“{T}.”|k:{Q},|p:{O},|l:{L},|d:{M} {Y}.",
        "a:{Ad},|t:“{T},”|k:{Q}|l:({L}:|p:{P},|d:{Y}),|g:{N}.",
        "a:{Ai}.|t:{T}|d:({M} {D}, {Y}).|k:{Q}.",
        "a:{O}.|d:{Y}.|t:{T}.|l:{L}:|p:{P}.",
    ],
    "web": [
        "a:{Ad},|t:“{T},”|c:{J},|d:{M} {D}, {Y},|n:{U}.",
        "a:{Ad},|t:“{T},”|c:{J},|d:{M} {D}, {Y},|n:accessed {M} {D}, {Y}, {U}.",
        "a:{Ai}.|t:“{T}.”|c:{J},|d:{D} {m} {Y},|n:{U}. Accessed {D} {m} {Y}.",
        "a:{Ai}.|t:“{T}.”|c:{J}.|d:{M} {D}, {Y}.|n:{U}.",
        "a:{An}|d:({Y}, {M} {D}).|t:{T}.|c:{J}.|n:{U}",
        "a:{An}|d:({Y}).|t:{T}.|n:Retrieved {M} {D}, {Y}, from {U}",
        "a:{O}.|d:({Y}).|t:{T}.|n:[online] Available at: {U} [Accessed {D} {m} {Y}].",
        "t:“{T},”|c:{J},|d:{M} {D}, {Y},|n:{U}.",
    ],
    "de": [
        "a:{Ad}:|t:{T}.|l:{L}:|p:{P}|d:{Y},|g:S. {N}.",
        "a:{Ad}:|t:{T},|l:{L}|d:{Y},|g:S. {N}.",
        "a:{Ad}:|t:{T},|v:Bd. {V},|l:{L}|d:{Y},|g:S. {NN}.",
        "a:{Ai}:|t:{T}.|x:{X} Aufl.|l:{L}:|p:{P},|d:{Y}.",
        "a:{Ai}:|t:{T},|x:{X}. Aufl.,|l:{L}|d:{Y}.",
        "a:{Ai}|d:({Y}):|t:{T},|x:{X}. Aufl.,|l:{L},|g:S. {N}.",
        "a:{Ai}|d:({Y}):|t:{T}.|l:{L}:|p:{P},|g:S. {N}.",
        "a:{Ai},|t:{T},|l:{L}|d:{Y}.",
        "a:{Ai}:|t:{T}|s:(= {S}),|l:{L}|d:{Y}.",
        "e:{Ed} (Hrsg.):|t:{T}.|l:{L}:|p:{P}|d:{Y},|g:S. {N}.",
        "e:{Ei} (Hg.):|t:{T},|l:{L}|d:{Y}.",
        "a:{Ai}.|t:{T}.|r:Übers. von {Rd}.|l:{L}:|p:{P},|d:{Y},|g:S. {N}.",
        "a:{Ad}:|t:{T}.|r:Aus dem Englischen von {Rd}.|l:{L}:|p:{P}|d:{Y},|g:S. {N}.",
        "a:{Ai}:|t:{T}.|r:Aus dem Russischen übersetzt von {Rd}.|l:{L}:|p:{P},|d:{Y}.",
        "a:{Ad},|t:{T},|r:aus d. Französischen v. {Rd},|l:{L}|d:{Y},|g:S. {N}.",
        "a:{Ad}:|t:{T}.|e:Hrsg. von {Ed}.|l:{L}:|p:{P}|d:{Y}.",
        "a:{Ad}:|t:{T}.|c:In: {C},|e:hrsg. von {Ed},|l:{L}|d:{Y},|g:S. {G}.",
        "a:{Ai}:|t:{T},|e:in: {Ed} (Hg.),|c:{C},|l:{L}|d:{Y},|g:S. {G}.",
        "a:{Ai}|d:({Y}):|t:{T}.|e:In: {Ed} (Hrsg.):|c:{C}.|l:{L}:|p:{P},|g:S. {G}.",
        "a:{Ad}:|t:„{T}“,|j:in: {J}|v:{V}|d:({Y}),|g:S. {G}.",
        "a:{Ai}:|t:{T},|j:in: {J}|v:{V}|d:({Y}),|v:H. {I},|g:S. {G}.",
        "a:{Ai}|d:({Y}):|t:{T}.|j:In: {J}|v:{V},|v:Heft {I},|g:S. {G}.",
        "a:{Ai}:|t:{T}.|j:In: {J},|v:Jg. {V},|d:{Y},|v:Nr. {I},|g:S. {G}.",
        "a:{Ai}|d:({Y}).|t:{T}.|j:{J},|v:{V}^v:({I}),|g:{G}.",
        "a:{Ai}:|t:{T},|k:Diss.,|p:{Z}|d:{Y}.",
    ],
    "fr": [
        "a:{Ad},|t:{T},|l:{L},|p:{P},|d:{Y},|g:p. {N}.",
        "a:{Ac},|t:{T},|l:{L},|p:{P},|d:{Y},|g:p. {N}.",
        "a:{Ac},|t:{T},|p:{P},|l:{L},|d:{Y}.",
        "a:{Ac},|d:{Y},|t:{T},|l:{L},|p:{P}.",
        "a:{Ac}|d:({Y}),|t:{T},|l:{L},|p:{P},|g:{N} p.",
        "a:{Ai},|t:{T},|v:t. {V},|l:{L},|p:{P},|d:{Y},|g:p. {NN}.",
        "a:{Ai}.|t:{T}.|l:{L} :|p:{P},|d:{Y}.",
        "a:{Ad},|t:« {T} »,|j:{J},|v:vol. {V},|v:n° {I},|d:{Y},|g:p. {G}.",
        "a:{Ac},|t:« {T} »,|j:{J},|v:{V},|d:{Y},|g:p. {G}.",
        "a:{Ai},|t:« {T} »,|j:{J},|v:n° {I},|d:{M} {Y},|g:pp. {G}.",
        "a:{Ai}|d:({Y}).|t:{T}.|j:{J},|v:{V}^v:({I}),|g:{G}.",
        "a:{Ac},|t:« {T} »,|e:dans {Ed} (dir.),|c:{C},|l:{L},|p:{P},|d:{Y},|g:p. {G}.",
        "a:{Ad},|t:« {T} »,|e:in {Ed} (éd.),|c:{C},|l:{L},|p:{P},|d:{Y},|g:p. {G}.",
        "e:{Ed} (dir.),|t:{T},|l:{L},|p:{P},|d:{Y}.",
        "a:{Ad},|t:{T},|r:trad. {Rd},|l:{L},|p:{P},|d:{Y},|g:p. {N}.",
        "a:{Ad},|t:{T},|r:traduit de l’anglais par {Rd},|l:{L},|p:{P},|d:{Y},|g:p. {N}.",
    ],
    "it": [
        "a:{Ad},|t:{T},|l:{L},|p:{P},|d:{Y},|g:p. {N}.",
        "a:{Ad},|t:{T},|p:{P},|l:{L}|d:{Y},|g:pp. {NN}.",
        "a:{Ac},|t:{T},|l:{L}|d:{Y},|g:p. {N}.",
        "a:{An},|t:{T},|l:{L}|d:{Y}.",
        "a:{An},|t:{T},|p:{P},|l:{L},|d:{Y}.",
        "a:{An},|t:{T},|v:vol. {V},|l:{L},|p:{P},|d:{Y},|g:pp. {NN}.",
        "a:{Ai}|d:({Y}),|t:{T},|l:{L},|p:{P}.",
        "a:{An},|t:{T},|j:in «{J}»,|v:{V},|d:{Y},|g:pp. {G}.",
        "a:{An},|t:{T},|j:in “{J}”,|v:{V}|d:({Y}),|g:pp. {G}.",
        "a:{Ad},|t:«{T}»,|j:{J},|v:{V},|v:{I},|d:{Y},|g:pp. {G}.",
        "a:{An},|t:{T},|c:in {C},|e:a cura di {Ed},|l:{L},|p:{P},|d:{Y},|g:pp. {G}.",
        "a:{An},|t:{T},|e:in {En} (a cura di),|c:{C},|l:{L}|d:{Y},|g:pp. {G}.",
        "e:{En} (a cura di),|t:{T},|p:{P},|l:{L}|d:{Y}.",
        "a:{Ad},|t:{T},|r:trad. di {Rd},|p:{P},|l:{L}|d:{Y}.",
        "a:{Ad},|t:{T},|r:traduzione di {Rd},|p:{P},|l:{L}|d:{Y},|g:p. {N}.",
    ],
    "es": [
        "a:{Ac},|t:{T},|l:{L},|p:{P},|d:{Y},|g:p. {N}.",
        "a:{Ai},|t:{T},|l:{L},|p:{P},|d:{Y},|g:pág. {N}.",
        "a:{Ad},|t:{T},|p:{P},|l:{L},|d:{Y},|g:p. {N}.",
        "a:{Ai}.|t:{T}.|l:{L}:|p:{P},|d:{Y}.",
        "a:{An}|d:({Y}).|t:{T}.|l:{L}:|p:{P}.",
        "a:{An}|d:({Y}).|t:{T}.|j:{J},|v:{V}^v:({I}),|g:{G}.",
        "a:{Ai},|t:“{T}”,|j:{J},|v:vol. {V},|v:núm. {I},|d:{Y},|g:pp. {G}.",
        "a:{Ac},|t:«{T}»,|j:{J},|v:{V}|d:({Y}),|g:pp. {G}.",
        "a:{Ai},|t:“{T}”,|e:en {Ed} (ed.),|c:{C},|l:{L},|p:{P},|d:{Y},|g:pp. {G}.",
        "a:{An}|d:({Y}).|t:{T}.|e:En {Ed} (Eds.),|c:{C}|g:(pp. {G}).|l:{L}:|p:{P}.",
        "e:{Ed} (coord.),|t:{T},|l:{L},|p:{P},|d:{Y}.",
    ],
    "ru": [
        "a:{Ac}|t:{T}.|l:{L}:|p:{P},|d:{Y}.|g:С. {N}.",
        "a:{Ac}|t:{T}.|l:М.:|p:{P},|d:{Y}.|g:{N} с.",
        "a:{Ac}|t:{T}.|l:М.,|d:{Y}.|g:С. {NN}.",
        "a:{Ac}|t:{T}.|l:{L},|d:{Y}.|g:С. {N}.",
        "a:{Ac}|t:{T}. —|l:{L}:|p:{P},|d:{Y}. —|g:{N} с.",
        "a:{Ac}|t:{T}|n:/ {Ar}. —|l:{L} :|p:{P},|d:{Y}. —|g:{N} с.",
        "a:{Ac}|t:{T}|n:/ {Ar}. —|l:М. :|p:{P},|d:{Y}. —|g:С. {NN}.",
        "a:{Ac},|t:{T},|l:{L},|d:{Y}.",
        "a:{Ac}|t:{T}|j:// {J}.|d:{Y}.|v:№ {I}.|g:С. {G}.",
        "a:{Ac}|t:{T}|j:// {J}.|d:{Y}.|v:Т. {V}.|v:№ {I}.|g:С. {G}.",
        "a:{Ac}|t:{T}|c:// {C} /|e:под ред. {Er}.|l:{L}:|p:{P},|d:{Y}.|g:С. {G}.",
        "a:{Ad}.|t:{T}.|l:{L}:|p:{P},|d:{Y}.|g:С. {N}.",
    ],
    "zh": [
        "a:{Az}，|t:《{T}》，|l:{L}：^p:{P}，^d:{Y}年，^g:第{N}页。",
        "a:{Az}：^t:《{T}》，^l:{L}：^p:{P}，^d:{Y}，^g:第{N}頁。",
        "a:{Az}.|t:{T}[M].|l:{L}:|p:{P},|d:{Y}:|g:{N}.",
        "a:{Az}.|t:{T}[J].|j:{J},|d:{Y},|v:{V}^v:({I}):^g:{G}.",
        "a:{Az}:|t:「{T}」,|j:『{J}』,|v:{V}号,|d:{Y}年,|g:{N}頁。",
        "a:{Ai}.|t:{T}.|l:{L}:|p:{P},|d:{Y},|g:p. {N}",
    ],
}
_PARTICLES = "Van|Van der|Van de|De|De la|Della|Dalla|Di|Le|von|van|de|da|du".split("|")
_PARTICLES_SHARE = 0.03
_SHARES = dict(book=30, article=22, newspaper=6, chapter=14, thesis=3, report=4, web=3, de=11, fr=7, it=6, es=5, ru=3, zh=2)


class Words(msgspec.Struct):
    """What references are made of, by kind; titles by language ("en", "de", …)."""

    people: list[tuple[str, str]]
    titles: dict[str, list[str]]
    journals: dict[str, list[str]]
    newspapers: list[str]
    publishers: list[str]
    places: list[str]
    bodies: list[str]
    universities: list[str]
    series: list[str]
    cyrillic: list[str]
    chinese: list[str]


def language_of(text: str) -> str:
    """The language whose small words a text holds most of; English in doubt."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    counts = {tongue: sum(word in known.split() for word in words) for tongue, known in LANGUAGES.items()}
    return max(counts, key=lambda tongue: (counts[tongue], tongue == "en"))


def learn_words(
    labelled: Iterable[Sequence[Part]], items: Iterable[dict[str, Any]], paragraphs: Mapping[str, Sequence[str]],
    vocabulary: Mapping[str, Sequence[str]], seed: int,
) -> Words:  # fmt: skip
    """Takes names, titles, journals, publishers and places out of labelled references, CSL items and paragraphs.

    ``paragraphs`` are texts by language ("en", "de", "ru", "zh"), ``vocabulary`` frequent words of "fr", "it" and "es".
    """
    draw = random.Random(seed)
    words = Words([], {t: [] for t in [*LANGUAGES, "ru", "zh"]}, {t: [] for t in LANGUAGES}, [], [], [], [], [], [], [], [])
    for parts in labelled:
        for label, text in parts:
            _take_part(words, label, " ".join(text.split()))
    for item in items:
        _take_item(words, item)
    phrases = [
        phrase
        for text in paragraphs["en"]
        for phrase in re.findall(r"\bthe ([a-z]{4,} [a-z]{5,})\b(?= (?:of|in|was|is|and)\b)", text)
    ]
    proper = [
        name for text in paragraphs["en"] for name in re.findall(r"(?<=[a-z] )[A-Z][a-z]{3,}(?: [A-Z][a-z]{3,})?(?= )", text)
    ]
    people = [tuple(n.split()) for n in proper if " " in n and parse_names(n) and parse_names(n).weight > 2]  # type: ignore[union-attr]
    words.people += [(family, given) for given, family in people]
    regions = [name for name in proper if " " not in name]
    draw.shuffle(phrases)
    words.titles["en"] += [_title(draw, phrases, regions, words.people) for _ in range(4000)]
    nouns = sorted({word for text in paragraphs["de"] for word in re.findall(r"(?<=[a-zäöü] )[A-ZÄÖÜ][a-zäöüß]{4,}", text)})
    words.titles["en"] += [f"{draw.choice(phrases).split()[-1].title()}" for _ in range(250)] + [
        draw.choice(regions) for _ in range(100)
    ]
    for tongue in ("fr", "it", "es"):
        words.titles[tongue] += [_romance_title(draw, tongue, vocabulary[tongue]) for _ in range(400)]
        words.journals[tongue] += [_romance_journal(draw, tongue, vocabulary[tongue]) for _ in range(60)]
    words.titles["de"] += [_german_title(draw, nouns) for _ in range(800)]
    towns = [city.title() for city in sorted(LEXICON.cities) if "." not in city and len(city) > 3]
    words.places += [draw.choice(towns) for _ in range(len(words.places))]
    words.newspapers += [
        f"{'The ' if draw.random() < 0.4 else ''}{draw.choice(regions + towns)} {kind}"
        for kind in "Times Post Herald Tribune Gazette News Star Observer Chronicle Mail Telegraph Examiner Daily Sun".split()
        for _ in range(8)
    ]
    words.newspapers += (
        "Le Monde|Pravda|Izvestia|Die Zeit|Der Spiegel|Corriere della Sera|Time|Newsweek|The Guardian|The Economist".split("|")
    )
    words.journals["en"] += [_journal(draw, phrases, regions) for _ in range(500)]
    families = [family for family, _ in words.people]
    words.publishers += [_publisher(draw, families, towns) for _ in range(700)]
    words.universities += [
        draw.choice(("University of {}", "{} University", "{} State University", "{} College")).format(draw.choice(towns))
        for _ in range(200)
    ]
    words.universities += [f"Universität {draw.choice(towns)}" for _ in range(40)]
    kinds = "Department Ministry Committee Commission Institute Council Bureau Association Society Office Agency Board".split()
    words.bodies += [
        f"{draw.choice(kinds)} {draw.choice(('of', 'for', 'on'))} {draw.choice(phrases).title()}" for _ in range(200)
    ]
    words.bodies += [f"{draw.choice(regions)} {draw.choice(phrases).title()} {draw.choice(kinds)}" for _ in range(120)]
    words.bodies += [
        f"{draw.choice(regions)} {draw.choice(('Watch', 'Zoo', 'Museum', 'Archive', 'Alliance', 'Trust', 'Network', 'Fund', 'Group', 'Church'))}"
        for _ in range(60)
    ]
    words.bodies += ["".join(draw.choice("ABCDEFGHILMNOPRSTU") for _ in range(draw.randint(3, 5))) for _ in range(40)]
    words.series += [
        f"{draw.choice(('Studies in', 'Library of', 'Papers on', 'Monographs in'))} {draw.choice(phrases).title()}{draw.choice(('', '', f' {number}', f', vol. {number}', f' {number}'))}"
        for number in range(1, 120)
    ]
    words.cyrillic += sorted({w for text in paragraphs["ru"] for w in re.findall(r"[А-Я]?[а-я]{3,}", text)})
    words.chinese += sorted({w for text in paragraphs["zh"] for w in re.findall(r"[\u4e00-\u9fff]{2,6}", text)})
    return words


def _take_part(words: Words, label: str, text: str) -> None:
    bare = re.sub(r"^(?:[Ii]n:? |dans |« |„|“|\"|\()+|[\s.,;:»”\"“)]+$", "", text)
    tongue = language_of(bare)
    if len(bare) < 3:
        return
    if label == "title" and len(bare.split()) > 1:
        words.titles[tongue].append(bare)
    elif label == "journal":
        words.journals[tongue].append(bare)
    elif label == "publisher":
        (words.universities if "niversit" in bare and "Press" not in bare else words.publishers).append(bare)
    elif label == "location":
        words.places.append(bare)
    elif label == "collection-title":
        words.series.append(bare)
    elif label in ("author", "editor") and (names := parse_names(bare)):
        words.people += [(one["family"], one["given"]) for one in names.people if "given" in one]


def _take_item(words: Words, item: dict[str, Any]) -> None:
    title = str(item.get("title", ""))
    if len(title.split()) > 1 and "<" not in title:
        words.titles[language_of(title)].append(title.rstrip("."))
    if item.get("publisher"):
        words.publishers.append(str(item["publisher"]))
    if item.get("publisher-place"):
        words.places.append(str(item["publisher-place"]))
    if item.get("container-title") and item["type"] == "article-journal":
        words.journals[language_of(str(item["container-title"]))].append(str(item["container-title"]))
    for name in [*item.get("author", []), *item.get("editor", [])]:
        if name.get("family") and name.get("given"):
            words.people.append((name["family"], name["given"]))


def _title(draw: random.Random, phrases: Sequence[str], regions: Sequence[str], people: Sequence[tuple[str, str]]) -> str:
    def person() -> str:
        family, given = draw.choice(people)
        return draw.choice((f"{given} {family}", family))

    def noun() -> str:
        return draw.choice(phrases) if draw.random() < 0.7 else draw.choice(phrases).split()[-1]

    def place() -> str:
        return draw.choice(regions)

    years = f"{(y := draw.randint(1500, 1990))}–{y + draw.randint(1, 60)}"
    head = draw.choice(
        ("The {0} of {1}", "{0} and {1}", "A History of {2}", "The {0}", "{2} and the {0}", "{0} in {2}", "The {0} of {2}", "On {0}",
         "{0}, {1}, and {3}", "The {2} {0}", "Toward a {0}", "From {0} to {1}", "{2}", "The Life of {2} {4}", "{0}", "{2}'s {1}",
         "Introduction to {0}", "What Is {0}?", "Why {0} Matters", "Essays on {0}", "The Rise and Fall of {2}", "My {0}", "{1} without {0}",
         "How {0} Changed {2}", "Letters from {2}", "In the {0}", "{2}: The {0} of {1}", "{5}", "{5}: {0}", "{2} {5}", "{0}, {5}", "{6}: {0} and {1}", "{6}", "The Life of {6}", "{6}; {0}",
         "{6} and the {0}", "The {2} Papers, {7}", "{0} since {5}", "{0} {7}", "{2}, {7}: {0}", "{6}. {0} of {1}", "A {0}", "Inside {2}", "{2} at War", "{2} before {5}", "Notes on the {0} of {1}")
    ).format(noun(), noun(), place(), noun(), place(), years[:4], person(), years)  # fmt: skip
    if draw.random() < 0.38:
        tail = draw.choice(
            ("{0} and {1} in {2}", "A {0}", "The {0} of {1}", "{0} in {2}, {5}", "A Study of {0}", "{2}, {5}", "An Introduction", "Essays in {0}",
             "The Story of {2}", "{0}, {1}, and {3}", "Selected Papers", "A Critical {0}", "The Making of {2}")
        ).format(noun(), noun(), place(), noun(), place(), years)  # fmt: skip
        head = f"{head}: {tail}"
    return _headline(head)


def _headline(text: str) -> str:
    small = "of and the in on a an to for from at by with or without".split()
    words = [w if n and w in small else w[:1].upper() + w[1:] for n, w in enumerate(text.split())]
    return re.sub(r"(: )([a-z])", lambda found: found[1] + found[2].upper(), " ".join(words))


def _german_title(draw: random.Random, nouns: Sequence[str]) -> str:
    def noun() -> str:
        return draw.choice(nouns)

    form = draw.choice(
        ("Die {0} der {1}", "{0} und {1}", "Das {0} im {1}", "Geschichte der {0}", "Zur {0} der {1}", "{0}", "Der {0}", "{0} in {1}", "Über {0}",
         "{0}. Eine Studie zur {1}", "Die {0}. {1} und {2}", "Einführung in die {0}", "Grundlagen der {0}", "{0}. Beiträge zur {1}")
    )  # fmt: skip
    return form.format(noun(), noun(), noun())


_ROMANCE = {
    "fr": ("La {0} du {1}", "Les {0}s et la {1}", "L’{0} de la {1} en {2}", "{0} et {1}", "Histoire de la {0}", "Le {0} : {1} et {2}", "{0}. Étude sur le {1}",
           "De la {0} au {1}", "Essai sur les {0}", "Une {0} sans {1}", "{0} dans la {1} du XIXe siècle", "La {0}", "Pour une {0} de la {1}", "{0} : le {1}"),
    "it": ("La {0} del {1}", "Il {0} e la {1}", "Storia della {0}", "{0} e {1} nella {2}", "L’{0} di {1}", "Le {0} nel {1}", "Saggi sulla {0}", "{0}. {1} e {2}",
           "Gli {0} della {1}", "Per una {0} del {1}", "Dalla {0} al {1}", "{0} e {1} a {2}", "Lettere sulla {0}", "La {0} tra {1} e {2}", "{0}: la {1}"),
    "es": ("La {0} del {1}", "El {0} y la {1}", "Historia de la {0}", "{0} y {1} en {2}", "Los {0} de la {1}", "Ensayos sobre {0}", "{0}: la {1}", "Las {0}",
           "De la {0} al {1}", "Una {0} sin {1}", "{0}. {1} y {2}", "Estudios de {0}", "La {0} en el {1}"),
}  # fmt: skip
_ROMANCE_JOURNALS = {
    "fr": ("Revue de {0}", "Annales de {0}", "Cahiers de {0}", "Revue française de {0}", "{0} et {1}", "Bulletin de la {0}"),
    "it": ("Rivista di {0}", "Quaderni di {0}", "Studi {0}", "Annali di {0}", "Archivio {0}", "{0} e {1}"),
    "es": ("Revista de {0}", "Cuadernos de {0}", "Anales de {0}", "Estudios {0}", "{0} y {1}", "Boletín de {0}"),
}


def _romance_title(draw: random.Random, tongue: str, vocabulary: Sequence[str]) -> str:
    title = draw.choice(_ROMANCE[tongue]).format(*(draw.choice(vocabulary) for _ in range(3)))
    return title[:1].upper() + title[1:]


def _romance_journal(draw: random.Random, tongue: str, vocabulary: Sequence[str]) -> str:
    name = draw.choice(_ROMANCE_JOURNALS[tongue]).format(*(draw.choice(vocabulary) for _ in range(2)))
    return name[:1].upper() + name[1:]


def _journal(draw: random.Random, phrases: Sequence[str], regions: Sequence[str]) -> str:
    noun = draw.choice(phrases).title()
    form = draw.choice(
        ("Journal of {0}", "{0} Review", "The {0} Quarterly", "Annals of {0}", "{1} Journal of {0}", "{0} Studies", "{1} {0} Review", "{0}",
         "International Journal of {0}", "{1} Historical Review", "Bulletin of {0}", "{1} Studies", "Archives of {0}", "{0} Today", "{1} Quarterly",
         "Transactions of the {1} Society", "Past and {0}", "{0} & {2}", "Critical {0}", "Studies in {0}", "{1}", "Studia {1}ica")
    )  # fmt: skip
    return form.format(
        noun if draw.random() < 0.5 else noun.split()[-1], draw.choice(regions), draw.choice(phrases).split()[-1].title()
    )


def _publisher(draw: random.Random, families: Sequence[str], towns: Sequence[str]) -> str:
    def family() -> str:
        return draw.choice(families)

    form = draw.choice(
        ("{0} Press", "{0}", "{0}", "{0} & {1}", "{0} and {1}", "{0}, {1}", "{0} Books", "{2} University Press", "University of {2} Press", "{0} Verlag",
         "Éditions {0}", "{0} Publishers", "{0} & Sons", "{0} House", "{0} and Company", "{0}, {1} & Co.", "Editorial {0}", "{0} Editore", "The {2} Press",
         "{0} & {1}, Inc.", "{0} Publishing Co.", "{0} Brothers", "Wm. {0}", "J. {0}", "Presses universitaires de {2}", "Verlag {0}", "{2} Institute", "Oxford University Press",
         "Cambridge University Press", "Routledge", "Penguin", "Princeton University Press", "Harper & Row", "Macmillan")
    )  # fmt: skip
    return form.format(family(), family(), draw.choice(towns))


class Setter:
    """Sets one reference after the other; ``seed`` decides all of them."""

    def __init__(self, words: Words, seed: int) -> None:
        self._words = words
        self._draw = random.Random(seed)
        self._kinds = list(_SHARES)
        self._weights = list(_SHARES.values())

    def reference(self, kind: str = "") -> list[Part]:
        """One reference of a kind (a key of FORMS), or of any."""
        draw = self._draw
        kind = kind or draw.choices(self._kinds, self._weights)[0]
        form = draw.choice(FORMS[kind])
        while True:
            parts = self._fill(form, kind)
            if len(parts) > 1:
                return self._with_slips(parts)

    def references(self, number: int) -> list[tuple[str, list[Part]]]:
        """So many references of any kind, each with its kind."""
        kinds = self._draw.choices(self._kinds, self._weights, k=number)
        return [(kind, self.reference(kind)) for kind in kinds]

    def _fill(self, form: str, kind: str) -> list[Part]:
        values = self._values(form, kind)
        parts: list[Part] = []
        carried = ""
        for piece in re.split(r"(?=[|^])", form):
            glue = "" if piece[0] == "^" or not parts else " "
            label, _, text = piece.lstrip("|^").partition(":")
            needed = re.findall(r"\{(\w+)\}", text)
            if any(values.get(name, "") == "" for name in needed):
                opening = text[:1] if text[:1] in "([" else ""
                carried = carried or opening
                if text.rstrip(".,;:")[-1:] in ")]" and not opening and parts:
                    last = parts[-1]
                    parts[-1] = (last[0], last[1].rstrip(",:") + text[-2:])
                continue
            filled = text.format(**values)
            if carried and not filled.startswith(carried):
                filled = carried + filled
            carried = ""
            if not glue and parts:
                parts[-1] = (parts[-1][0], parts[-1][1] + "\0")
            parts.append((_LABELS[label], filled))
        return [(label, _tidy(text)) for label, text in parts]

    def _values(self, form: str, kind: str) -> dict[str, Any]:
        draw, words = self._draw, self._words
        tongue = kind if kind in ("de", "fr", "it", "es") else "en"
        year = draw.choice((draw.randint(1900, 2023), draw.randint(1945, 2023), draw.randint(1600, 1940)))
        first = draw.randint(1, 900)
        last = first + draw.randint(1, 40)
        dash = draw.choice("–-–-–")
        spread = f"{first}{dash}{last}" if draw.random() < 0.7 else f"{first}{dash}{str(last)[-2:]}"
        note_pages = draw.choice(
            (str(first), str(first), f"{first}{dash}{last}", f"{first}, {last}", draw.choice("ix xi xiv xxii".split()))
        )
        ru, zh = kind == "ru", kind == "zh"
        if kind in ("book", "article", "chapter") and draw.random() < 0.03:
            ru = True
        months = _MONTHS[tongue]
        month = draw.choice(months)
        optional = draw.random
        values: dict[str, Any] = dict(
            T=self._set_title(tongue, form) if not (ru or zh) else self._foreign("ru" if ru else kind),
            C=self._set_title(tongue, form) if not (ru or zh) else self._foreign("ru" if ru else kind),
            J=draw.choice(words.journals[tongue] if tongue != "en" and words.journals[tongue] and optional() < 0.8 else words.journals["en"])
            if not (ru or zh) else self._foreign("ru" if ru else kind, 2),
            W=draw.choice(words.newspapers), Y=self._year(year), D=draw.randint(1, 28), M=month,
            m=month if len(month) < 5 else month[: draw.choice((3, 3, 4))] + ".",
            V=draw.choice((str(draw.randint(1, 150)), str(draw.randint(1, 20)), draw.choice("I II III IV IX XII".split()))),
            I=draw.choice((str(draw.randint(1, 12)), f"{(i := draw.randint(1, 6))}{dash}{i + 1}", str(draw.randint(1, 4)))),
            G=spread, N=note_pages, NN=f"{first}{dash}{last}", K=self._genre(tongue), Q=self._report(), O=draw.choice(words.bodies),
            Z=draw.choice(words.universities), U=self._address(),
            L=self._place(tongue) if not (ru or zh) else self._foreign("ru" if ru else kind, 1),
            P=draw.choice(words.publishers) if not (ru or zh) else self._foreign("ru" if ru else kind, 1),
            S=draw.choice(words.series), X=self._edition(tongue), B=self._pair(),
        )  # fmt: skip
        if zh and "{Ai}" in form and draw.random() < 0.7:
            values |= {"L": self._place("en"), "P": draw.choice(words.publishers)}
        for name, share in (("P", 0.06), ("L", 0.05), ("I", 0.25), ("X", 0.75), ("S", 0.2)):
            if f"{{{name}}}" in form and optional() < share:
                values[name] = ""
        if "e:ed. {Ed},|x" in form or "e:Edited by {Ed}.|x" in form:
            for roles in ("Rd", "Ed", "V"):
                if optional() < 0.7:
                    values[roles] = ""
        for name in sorted(set(re.findall(r"\{([AER][a-z])\}", form))):
            if name not in values:
                values[name] = self._people(name[1], kind)
        return values

    def _year(self, year: int) -> str:
        chance = self._draw.random()
        if chance < 0.9:
            return str(year)
        return self._draw.choice(
            (
                f"{year}b",
                f"[{year}]",
                f"c{year}",
                f"{year}–{str(year + 3)[-2:]}",
                f"{year - 40}/{year}",
                f"ca. {year}",
                f"circa {year}",
                f"{year}/{year + 130}",
                "n.d.",
                "forthcoming",
                f"[{year - 30}] {year}",
            )
        )

    def _set_title(self, tongue: str, form: str) -> str:
        draw = self._draw
        pool = self._words.titles[tongue]
        title = draw.choice(pool)
        if draw.random() < 0.35:
            title = _crossed(draw, title, draw.choice(pool))
        title = title.replace("“", "‘").replace("”", "’").replace('"', "'")
        if tongue == "en" and ("An}" in form or draw.random() < 0.12) and draw.random() < 0.8:
            title = title[:1] + re.sub(
                r"\b[A-Z](?=[a-z]{3,})", lambda found: found[0].lower() if draw.random() < 0.9 else found[0], title[1:]
            )
            title = re.sub(r": [a-z]", lambda found: found[0].upper(), title)
        if title.startswith("(") or len(title) > 180:
            return self._set_title(tongue, form)
        return title

    def _pair(self) -> str:
        """A short title, most of two things joined, which readers take for two names: "Mills and Meadows", "The Old Canal"."""
        draw = self._draw
        words = [
            word for word in " ".join(draw.choices(self._words.titles["en"], k=3)).split() if word.isalpha() and len(word) > 3
        ]
        one, other = (draw.choice(words).capitalize() for _ in range(2)) if words else ("Mills", "Meadows")
        return draw.choice(("{0} and {1}", "{0} and {1}", "{0} & {1}", "The {0} {1}", "The {0} and the {1}", "{0} {1}")).format(
            one, other
        )

    def _foreign(self, kind: str, most: int = 5) -> str:
        draw = self._draw
        if kind == "zh":
            return "".join(draw.choice(self._words.chinese) for _ in range(max(1, most // 2)))[:12]
        words = [draw.choice(self._words.cyrillic) for _ in range(draw.randint(1, most))]
        return (
            words[0].capitalize() + " " + " ".join(word if draw.random() < 0.2 else word.lower() for word in words[1:])
        ).strip()

    def _place(self, tongue: str) -> str:
        draw = self._draw
        place = draw.choice(self._words.places)
        chance = draw.random()
        if chance < 0.05:
            return f"{place} and {draw.choice(self._words.places)}"
        return f"{place}/{draw.choice(self._words.places)}" if tongue == "de" and chance < 0.12 else place

    def _genre(self, tongue: str) -> str:
        return self._draw.choice({"de": ("Diss.", "Dissertation"), "fr": ("thèse de doctorat",)}.get(tongue, (
            "PhD diss.", "Ph.D. dissertation", "PhD thesis", "Doctoral dissertation", "Master's thesis", "M.A. thesis", "Unpublished doctoral dissertation", "Ph.D. diss.", "DPhil thesis")))  # fmt: skip

    def _report(self) -> str:
        draw = self._draw
        return draw.choice(("Working Paper {}", "Technical Report {}", "Report No. {}", "Working Paper No. {}", "Discussion Paper {}", "Research Report {}", "Occasional Paper No. {}")).format(
            draw.choice((str(draw.randint(1, 400)), f"{draw.randint(70, 99)}-{draw.randint(1, 60)}", f"TR-{draw.randint(1, 99)}"))
        )  # fmt: skip

    def _edition(self, tongue: str) -> str:
        draw = self._draw
        if tongue == "de":
            return str(draw.randint(2, 9))
        return draw.choice(
            (
                "2nd ed.",
                "3rd ed.",
                "4th ed.",
                "rev. ed.",
                "5th edn.",
                "2nd edition",
                "2nd rev. ed.",
                "new ed.",
                "second edition",
                "3rd edn",
            )
        )

    def _address(self) -> str:
        draw = self._draw
        site = "".join(draw.choice("abcdefghilmnoprstu") for _ in range(draw.randint(4, 10)))
        page = "/".join(
            "".join(draw.choice("abcdefghilmnoprstu-0123456789") for _ in range(draw.randint(3, 12)))
            for _ in range(draw.randint(0, 3))
        )
        return draw.choice(("https://www.{}.{}/{}", "http://{}.{}/{}", "www.{}.{}/{}", "https://doi.org/10.1234/{}{}{}")).format(
            site, draw.choice(("com", "org", "edu", "de")), page
        )

    def _people(self, way: str, kind: str) -> str:
        draw = self._draw
        if kind == "ru":
            return self._russian(way)
        if kind == "zh" and way == "z":
            return "、".join("".join(draw.choice(self._words.chinese)[:3]) for _ in range(draw.choice((1, 1, 2))))
        if way in "din" and kind not in ("de", "fr", "it", "es") and draw.random() < 0.05:
            return draw.choice(self._words.bodies if draw.random() < 0.7 else self._words.universities)
        count = draw.choice((1, 1, 1, 1, 2, 2, 3, 4)) if way not in "nv" else draw.choice((1, 1, 2, 2, 3, 4, 6))
        people = [draw.choice(self._words.people) for _ in range(count)]
        if " " not in people[0][0] and draw.random() < _PARTICLES_SHARE:
            people[0] = (f"{draw.choice(_PARTICLES)} {people[0][0]}", people[0][1])
        if draw.random() < 0.02:
            people = [(draw.choice("Plato Aristotle Cicero Voltaire Seneca Livy Augustine Lenin Stalin".split()), "")]
        set_names = _set_names(draw, way, kind, people)
        return set_names + (draw.choice((" et al.", ", et al.")) if count > 1 and draw.random() < 0.06 else "")

    def _russian(self, way: str) -> str:
        draw = self._draw
        family = draw.choice(self._words.cyrillic).capitalize() + draw.choice(("ов", "ин", "ский", "ева", "енко"))
        initials = ". ".join(draw.choice("АБВГДЕЗИКЛМНОПРСТ") for _ in range(2)) + "."
        return (
            f"{initials} {family}" if way == "r" else f"{family}, {initials}" if draw.random() < 0.2 else f"{family} {initials}"
        )

    def _with_slips(self, parts: list[Part]) -> list[Part]:
        draw = self._draw
        mark = draw.choice(("*", "_")) if draw.random() < 0.04 else ""
        straight = draw.random() < 0.35
        loose = draw.random() < 0.12
        found = []
        for number, (label, text) in enumerate(parts):
            if mark and (label in ("journal", "container-title") or (label == "title" and text[:1] not in "“‘«„")):
                text = re.sub(r"^((?:[Ii]n:? )?)(.*?)([.,;:]*)$", rf"\1{mark}\2{mark}\3", text)
            if straight:
                text = text.replace("“", '"').replace("”", '"').replace("‘", "'").replace("’", "'")
            if loose and draw.random() < 0.25:
                text = draw.choice((text.rstrip(".,"), text.replace(",", "."), text.replace(":", ","), text.replace("(", ""), text[1:] if text[:1].isalpha() and len(text) > 6 else text, text.lower()))  # fmt: skip
            if number == len(parts) - 1 and draw.random() < 0.3:
                text = text.rstrip(".")
            if text.strip():
                found.append((label, text.strip()))
        if draw.random() < 0.05:
            found.insert(0, ("citation-number", draw.choice(("[{}]", "{}.", "({})")).format(draw.randint(1, 200))))
        if draw.random() < 0.1 and not any(label == "note" for label, _ in found):
            address = self._address()
            found.append(("note", draw.choice((address, f"{address}.", f"doi:10.{draw.randint(1000, 9999)}/{draw.randint(1, 99999)}", f"Retrieved from {address}", f"Accessed {draw.randint(1, 28)} May 2019. {address}", "Print.", "Kindle edition."))))  # fmt: skip
        return found


def _crossed(draw: random.Random, first: str, second: str) -> str:
    """The beginning of one title and the end of another, both cut before a small word."""

    def cuts(text: str) -> list[int]:
        return [found.start() for found in re.finditer(r" (?=[a-zà-ü]{1,4} )|(?<=:) ", text)]

    heads, tails = cuts(first), cuts(second)
    return first[: draw.choice(heads)] + second[draw.choice(tails) :] if heads and tails else first


def _initials(given: str) -> str:
    return " ".join(word[0] + "." for word in re.split(r"[\s.-]+", given) if word)


def _set_names(draw: random.Random, way: str, kind: str, people: list[tuple[str, str]]) -> str:
    joint = {"de": " und ", "fr": " et ", "it": " e ", "es": " y "}.get(kind, draw.choice((" and ", " and ", " & ")))
    if kind == "de":
        joint = draw.choice((joint, "/", " / ", "; "))
    oxford = "," if joint.strip() in ("and", "&") and len(people) > 2 and draw.random() < 0.7 else ""
    if way == "s":
        return joint.join(family for family, _ in people[:2])
    if way == "d":
        short = draw.random() < 0.25
        return _joined(
            [f"{_initials(given) if short else given} {family}".strip() for family, given in people], ", ", oxford + joint
        )
    if way == "i":
        short = draw.random() < 0.3
        names = [f"{family}, {_initials(given) if short else given}" if given else family for family, given in people]
        if draw.random() < 0.5:
            names[1:] = [f"{_initials(given) if short else given} {family}".strip() for family, given in people[1:]]
        return _joined(names, draw.choice((", ", ", ", "; ")), draw.choice((",", "")) + joint).rstrip(".")
    if way == "l":
        return " and ".join(f"{family}, {given}" if given else family for family, given in people)
    if way == "v":
        return ", ".join(f"{family} {_initials(given).replace('. ', '').replace('.', '')}".strip() for family, given in people)
    if way == "c":
        capitals = draw.random() < 0.6
        surnames = [(family.upper() if capitals else family, given) for family, given in people]
        form = draw.choice(("{0} {1}", "{0}, {1}", "{0} ({1})", "{0} {2}", "{0}, {2}", "{1} {0}"))
        return _joined(
            [form.format(f, g, _initials(g)).strip(" ,()") if g else f for f, g in surnames], draw.choice((", ", "; ")), joint
        ).replace(" ()", "")
    separator = draw.choice((", ", ", ", "; "))
    ampersand = draw.choice((", & ", " & ", " and ", ", and ", separator, joint))
    form = draw.choice(("{0}, {1}", "{0}, {1}", "{0}, {1}", "{0} {1}", "{1} {0}"))
    tight = draw.random() < 0.2
    names = [form.format(f, _initials(g).replace(" ", "") if tight else _initials(g)).strip(" ,") for f, g in people]
    return _joined(names, separator, ampersand)


def _joined(names: list[str], separator: str, last: str) -> str:
    return names[0] if len(names) == 1 else separator.join(names[:-1]) + last + names[-1]


def _tidy(text: str) -> str:
    text = re.sub(r"\.\.(?!\.)", ".", text).replace(".,.", ".,").replace("?.", "?").replace("?,", "?").replace(",.", ".")
    return re.sub(r"([.,?!])([”’])[.,]", r"\1\2", text)


def write_out(parts: Sequence[Part]) -> str:
    """The reference as one line; parts that end in a zero byte are joined to the next without a space."""
    return "".join(text[:-1] if text.endswith("\0") else f"{text} " for _, text in parts).strip()
