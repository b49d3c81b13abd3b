"""How much a line reads like running prose: finite verbs, pronouns and conjunctions in small letters."""

import re

_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
_TELLING = frozenset(
    """
    am is are was were be been being isn't wasn't aren't weren't has have had hasn't haven't hadn't does did do don't
    didn't doesn't will would shall should can could may might must cannot can't won't wouldn't couldn't said says told
    asked replied wrote thought knew saw came went took made gave found became began felt seemed remained stated declared
    claimed believed wanted i me we us you he him she they them it its itself himself themselves herself who whom which
    that this these those there then thus however because although though while when where if but so therefore moreover
    not no never only very more most such any some many few than also just even still already again i'm it's i've he'd his
    her their our your my what
    """.split()
)


def prose_weight(text: str) -> float:
    """The number of small-letter words that running prose is made of; titles hold one or two at most."""
    return sum(1.0 for word in _WORD.findall(text.replace("’", "'")) if word in _TELLING)
