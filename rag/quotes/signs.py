"""The signs that a reader takes for quotation marks: one list, and how words are shown without any of them.

Unicode's property Quotation_Mark (PropList.txt), and beside it primes and modifier letters, brackets of East Asia and of
mathematics, ornaments, typewriter pairs, and signs that only look alike. Only Ibid sets such a sign in an answer.
"""

import unicodedata

import regex

UNICODE_MARKS = "\"'«»‘’‚‛“”„‟‹›⹂「」『』〝〞〟﹁﹂﹃﹄＂＇｢｣"  # the property Quotation_Mark, all of it
PRIMES = "′″‴‵‶‷⁗ʹʺʻʼʽʾʿˈˊˋ˝ˮ˴˵˶´`｀΄᾽᾿῾‘΅՚՛׳״ʼꞋꞌߴߵ˂˃"
BRACKETS = (
    "\u2329\u232a⟅⟆⦃⦄⦅⦆⦇⦈⦋⦌⦍⦎⦏⦐⦓⦔⦕⦖⦗⦘⸦⸧⸨⸩｟｠❪❫"
    "❴❵⟮⟯〈〉《》【】〔〕〖〗〘〙〚〛〈〉⟨⟩⟪⟫⟦⟧⟬⟭❨❩❬❭❮❯❰❱❲❳≪≫"
    "⋘⋙⪻⪼⦉⦊⦑⦒⧼⧽⸂⸃⸄⸅⸉⸊⸌⸍⸜⸝⸠⸡⸢⸣⸤⸥⌈⌉⌊⌋⌜⌝⌞⌟⎾⏋﹤﹥〃︽"
    "︾︿﹀︵︶︻︼⁅⁆"
)
ORNAMENTS = "❛❜❝❞❟❠🙶🙷🙸𐄀𐄁"
SIGNS = frozenset(UNICODE_MARKS + PRIMES + BRACKETS + ORNAMENTS)
"""Every such sign."""

OURS = ("⟦", "⟧")
"""Between these stands what Ibid says in an answer; no model's words ever hold them."""

_APOSTROPHES = frozenset("'’ʼ＇‘‛`´′ʻʹ՚")
_PAIRED = regex.compile(r"<{2,}|>{2,}|,{2,}|^[ \t]*(?:[>|¦]+[ \t]*)+", regex.MULTILINE)
"""Two signs of a typewriter that stand for one mark, and the signs by which a mail quotes at the beginning of a line."""

_SIGN = regex.compile("[" + "".join(map(regex.escape, sorted(SIGNS))) + "]+")
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\u2800--[\n\t\u200c\u200d]]", regex.V1)
_LOOSE_MARKS = regex.compile(r"(?:^|(?<=[\s\p{P}]))[\p{M}--[\ufe0e\ufe0f]]+", regex.V1)
"""Accents on nothing: one on a space looks like a quotation mark."""

_HEBREW = regex.compile(r"[\u0590-\u05ff]")


def without_signs(text: str) -> str:
    """The words of a text with no sign that a reader takes for a quotation.

    What is left of the signs are apostrophes within a word and after a final s, as U+2019, which opens nothing. Characters that
    are not seen or that change the order of others go, too.
    """
    text = _UNSEEN.sub(_visible, text)
    while (plain := _plain(text)) != text:
        text = plain  # what a sign parted may be one
    return text


ADDRESS = regex.compile(
    r"(?<=[A-Za-z])(?=://)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@[\w-]+\.)|(?<=\bmailto|\bxmpp)(?=:)", regex.IGNORECASE
)
"""Where to break what some reader of text would make a link of, whatever stands before it."""

_SPACES = regex.compile(r"(?<=\S)[ \t]{2,}")


def plain_words(text: str) -> str:
    """A model's words with nothing in them that a reader takes for a quotation, or a program for an address."""
    return _SPACES.sub(" ", without_signs(ADDRESS.sub(" ", without_signs(text))))


def signs_in(text: str) -> str:
    """The signs of a text that are no apostrophes as ``without_signs`` leaves them; "" for what it gives back."""
    paired = [match[0] for match in _PAIRED.finditer(text)]
    found = [match[0] for match in _SIGN.finditer(text) if _left_of(text, *match.span()) != match[0]]
    return "".join([*paired, *found])


def _plain(text: str) -> str:
    if not text.isascii():
        text = _LOOSE_MARKS.sub("", text)
    text = _PAIRED.sub(" ", text)
    return _SIGN.sub(lambda match: _left_of(text, *match.span()), text)


def _visible(match: regex.Match[str]) -> str:
    kind = unicodedata.category(match[0])
    return "\ufffd" if kind == "Cs" else " " if kind in ("Cc", "Zl", "Zp") else ""


def _left_of(text: str, start: int, end: int) -> str:
    before, after = text[start - 1 : start], text[end : end + 1]
    signs = text[start:end]
    if before.isalnum() and after.isalnum():
        if len(signs) == 1 and signs in _APOSTROPHES:
            return "’"
        hebrew = len(signs) == 1 and signs in "׳״" and _HEBREW.match(before) and _HEBREW.match(after)
        return signs if hebrew else " "
    after_s = before in ("s", "S", "z", "x") and not after.isalnum() and signs in ("'", "’")
    return "’" if before and after_s else ""
