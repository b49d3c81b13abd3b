"""What has to be known of an embedder and a collection before scores mean the same everywhere.

Learned without labels when a collection is indexed, and kept with it as the note "calibration".
"""

import math
import re
from collections.abc import Sequence

import msgspec
import numpy as np

from index.collection import Collection
from index.embedders import Embedder
from index.stores import Scores
from index.windows import CountTokens
from rag.records import Status

# Everyday questions with their answers: yardsticks that have nothing to do with a collection.
#
# Out-of-domain questions: their best scores are a collection's noise floor. Compared with their answers by an embedder, they
# show the scale of its cosines.

EVERYDAY: tuple[tuple[str, str], ...] = (
    ("How long should I boil an egg so that the yolk stays soft?", "A soft-boiled egg needs about six minutes in boiling water."),
    ("what is the best time to prune roses", "Roses are pruned in early spring, when their buds begin to swell."),
    ("How do I get candle wax out of a tablecloth?", "Let the wax harden, scrape it off, then iron the cloth between paper."),
    ("Why does my dishwasher leave white spots on glasses?", "White spots on glassware come from hard water that dries on it."),
    ("how many litres of paint for a small room", "One litre of wall paint covers about ten square metres."),
    ("Can I freeze cooked rice and for how long?", "Cooked rice keeps in the freezer for about a month."),
    ("what does a yellow card mean in football", "A yellow card warns a player; a second one sends him off the pitch."),
    ("How do I change the ringtone for a single contact?", "Open the contact on your phone, tap edit and choose a ringtone."),
    ("how often should you water a cactus indoors", "A cactus in a pot is watered only when its soil is dry."),
    ("What tyre pressure does a small car need?", "The sticker in the door frame tells how hard to inflate a car's tyres."),
    ("How do I teach a parrot to talk?", "A parrot learns words that its owner repeats to it every day."),
    ("why is my wifi slower in the bedroom", "Walls weaken a router's signal, so wireless is slower some rooms away."),
    ("How can I remove a splinter without tweezers?", "A paste of baking soda draws a splinter out of the skin."),
    ("How do I stop a tap from dripping?", "A dripping tap mostly needs a new washer."),
    ("what size of aquarium do two goldfish need", "Two goldfish need a tank of at least a hundred litres."),
    ("Can I bring a lithium battery in hand luggage?", "Spare lithium batteries travel in the cabin, not in checked baggage."),
    ("how to fold a fitted sheet", "Tuck the corners of the fitted sheet into each other before folding it."),
    ("How do I merge two cells in a spreadsheet?", "Select both cells of the spreadsheet and choose merge from the menu."),
    ("which cheese melts best on a pizza", "Mozzarella melts evenly, which makes it the usual cheese for pizza."),
    ("How do I sharpen kitchen scissors?", "Cutting through fine sandpaper sharpens a pair of scissors."),
    ("What causes a car battery to drain overnight?", "A light left on empties the battery of a parked car."),
    ("How do I knit a heel without a hole?", "Picking up an extra stitch closes the hole at the heel of a sock."),
    ("Which houseplants are poisonous for cats?", "Lilies are dangerous to cats, even their pollen."),
    ("How do I descale an espresso machine?", "Run diluted citric acid through the coffee machine, then rinse it twice."),
)


NOTE = "calibration"

_REACH = 0.697
_BACKGROUND = 0.051
"""Cosines of all-MiniLM-L6-v2 between the everyday questions and their own answers (median), and other answers (mean)."""


class Calibration(msgspec.Struct, frozen=True):
    """How to read the scores of one collection.

    ``slope`` and ``offset`` map an embedder's cosines to those of all-MiniLM-L6-v2, with which all weights were measured;
    ``foreign`` is the median of the best evidence (cosine plus coverage) when the collection is asked what it cannot know;
    ``known``, in [0, 1], is how well the embedder knows the language of most windows.
    """

    slope: float = 1.0
    offset: float = 0.0
    foreign: float = 0.27

    known: float = 1.0

    def scale(self, cosines: Scores) -> Scores:
        """Cosines as all-MiniLM-L6-v2 would have given them, roughly."""
        scaled: Scores = cosines * np.float32(self.slope)
        scaled += np.float32(self.offset)
        return scaled


def calibration_of(collection: Collection) -> Calibration:
    """What was learned when the collection was indexed; what holds for most where nothing was."""
    note = collection.note(NOTE)
    return msgspec.convert(note, Calibration) if note else Calibration()


def cosine_scale(embedder: Embedder) -> tuple[float, float]:
    """Slope and offset of a line that takes this embedder's everyday cosines to the reference's."""
    cosines = (
        embedder.embed([question for question, _ in EVERYDAY], "query")
        @ embedder.embed([answer for _, answer in EVERYDAY], "passage").T
    )
    own = np.eye(len(EVERYDAY), dtype=bool)
    reach, background = float(np.median(cosines[own])), float(cosines[~own].mean())
    # An embedder that tells nothing apart is taken as it is: there is no line through one point.
    slope = (_REACH - _BACKGROUND) / (reach - background) if reach > background else 1.0
    return slope, _BACKGROUND - slope * background


# How well an embedder knows the language of a text: one that it was not trained in falls apart into single letters.
#
# MiniLM reads 3.4 to 4 letters of English in one piece, 2.5 of German, 2 of Turkish, Romanian or Vietnamese and 1 of Russian,
# Greek and Arabic; what its vocabulary has no letters for becomes one unknown piece, however long. Cosines of German weigh most
# beside words at .2 to .5 of what English ones weigh, those of Russian at up to .3 (docs/languages.md).

_SINGLE_LETTERS = 1.0
_KNOWN = 3.2
_KNOWN_TO_MANY = 1.8
"""Letters a piece from which a language counts as known; the second for an embedder whose vocabulary many languages share."""

_KNOWN_SIGNS = 1.4
"""The same of Chinese, Japanese and Korean, whose signs are syllables and words; where many languages share a vocabulary they are
known as soon as they are read."""

_UNREAD = 9.0
"""Letters a piece from which they are not read at all."""

_PROBE = "Бабушка приготовила вкусный обед, а потом мы пошли гулять в городской парк."
"""An everyday sentence that an embedder of many languages reads in pieces of several letters (multilingual E5: 4)."""

_SIGNS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")


def knowledge(texts: Sequence[str], count_tokens: CountTokens) -> Scores:
    """How well an embedder knows the language of each text, in [0, 1]; 1 for a text without letters.

    Args:
        texts: any.
        count_tokens: the embedder's count of word pieces of each, special tokens included.
    """
    special, probe, *counts = count_tokens(["", _PROBE, *texts])
    full = _KNOWN_TO_MANY if _UNREAD > len(_LETTER.findall(_PROBE)) / max(1, probe - special) > _KNOWN_TO_MANY else _KNOWN
    known = [_known(text, count - special, full) for text, count in zip(texts, counts, strict=True)]
    return np.array(known, np.float32)


def _known(text: str, pieces: int, full: float) -> float:
    letters = len(_LETTER.findall(text))
    if not letters:
        return 1.0
    per_piece = letters / max(1, pieces)
    if per_piece > _UNREAD:
        return 0.0
    if 2 * len(_SIGNS.findall(text)) > letters:
        if full == _KNOWN_TO_MANY:
            return 1.0
        full = _KNOWN_SIGNS
    return float(min(1.0, max(0.0, (per_piece - _SINGLE_LETTERS) / (full - _SINGLE_LETTERS))) ** 2)


# Whether what was found suffices to say that the collection answers: decided on raw evidence, never on ranks.
#
# The best excerpt's cosine plus its coverage tells far misses from answers almost without error; how far it stands out
# from the next nine helps against near misses, where many excerpts are about as near and none answers.

_EVIDENCE = 5.0
_STANDING_OUT = 3.4
_INTERCEPT = -3.2
"""A logistic model, fitted to answerable questions of three collections against the same questions with their answers
taken out of the collection and against questions of the other two (docs/retrieval.md has the command and the fit)."""

_UNKNOWN = 1.3
"""What is allowed for, in log-odds, where the embedder knows the language half or less: evidence by words reaches less high
there, answer or not (XQuAD in German, Russian and Chinese)."""

_FOREIGN = 1.8
"""The same of questions in another language than the collection's, where half of it is known: the collection has few of their
words (German questions to English paragraphs). Where nothing is known there is no evidence to allow for."""


def allowance(known: float, *, foreign: bool) -> float:
    """What to add to the log-odds of a question whose language the embedder knows so well, in [0, 1].

    Without it one answerable question in seven was refused in German, and in four in Chinese. What is added is the same with and
    without an answer, so that it changes which questions are refused and not how well they are told apart.

    Args:
        known: how well it knows the language of the collection, or of the question if that less.
        foreign: whether the question is in none of the collection's languages.
    """
    unknown = 1 - known
    return 4 * known * unknown * _FOREIGN if foreign else min(1.0, 2 * unknown) * _UNKNOWN


NOTHING_BELOW = 0.25
"""Confidence below which nothing is shown as an answer: at most one answerable question in twenty falls there on nine of ten sets
(``python -m benchmarks.status``)."""

WEAK_BELOW = 0.4
"""Confidence below which little speaks for an answer. From .4 to .5 every second question is answered, on the real collection
more: a bar of .5 called every third right answer weak there."""

_OTHERS = 9


class Judgement(msgspec.Struct, frozen=True):
    """A status, and the estimated probability that the collection answers."""

    status: Status
    confidence: float


def judge(evidence: Scores, calibration: Calibration, allowed: float = 0.0) -> Judgement:
    """Judges how strong the evidence for the best excerpts is, in any order; no excerpts are no evidence.

    Args:
        evidence: of the best excerpts.
        calibration: how it is read.
        allowed: the ``allowance`` for the question's language.
    """
    above_foreign, standing_out = features(evidence, calibration)
    logit = _EVIDENCE * above_foreign + _STANDING_OUT * standing_out + _INTERCEPT + allowed
    confidence = 1 / (1 + math.exp(-logit)) if len(evidence) else 0.0
    return Judgement(status_of(confidence), confidence)


def features(evidence: Scores, calibration: Calibration) -> tuple[float, float]:
    """How far the best evidence is above what foreign questions reach here, and above the mean of the next nine."""
    highest = np.sort(evidence)[-1 - _OTHERS :].tolist()
    top, *others = sorted([*highest, 0.0, 0.0], reverse=True)[: 1 + _OTHERS]
    return top - calibration.foreign, top - sum(others) / len(others)


def strength_of_doubt(calibration: Calibration) -> float:
    """The evidence from which an excerpt would be shown if there were no other to stand out from."""
    logit = math.log(NOTHING_BELOW / (1 - NOTHING_BELOW))
    return calibration.foreign + (logit - _INTERCEPT) / _EVIDENCE


def status_of(confidence: float) -> Status:
    """The status that belongs to a confidence."""
    if confidence < NOTHING_BELOW:
        return "nothing_relevant"
    return "weak" if confidence < WEAK_BELOW else "answered"
