"""Languages: told from a text, or told of it; words are cut, stemmed and folded as their language has it."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build_index
from index.catalog.reader import Snapshot
from index.collection import Collection
from index.errors import FileUnreadable
from index.files import find_files
from index.function_words import FUNCTION_WORDS
from index.home import Home
from index.languages import KNOWN, LATIN, NAMES, OTHERS
from index.readers import read_file
from index.records import FileSettings, SourceFile
from index.stores.analysis import is_function_word, language_of, stems, word_stems, written_words
from index.verify import verify
from rag.calibration import calibration_of, knowledge
from rag.learning import learn
from rag.query import parse_question
from rag.retrieve import Retriever
from tests.fakes import HashEmbedder

QUESTIONS = {
    "ar": "من كتب هذا الكتاب ومتى نشر لأول مرة؟",
    "cs": "Kdo napsal tuto knihu a kde byla poprvé vydána?",
    "da": "Hvem skrev denne bog, og hvornår blev den udgivet?",
    "de": "Wer hat dieses Buch geschrieben und wann ist es erschienen?",
    "el": "Ποιος έγραψε αυτό το βιβλίο και πότε εκδόθηκε;",
    "en": "Who wrote this book and when was it published?",
    "es": "¿Quién escribió este libro y cuándo se publicó?",
    "fi": "Kuka kirjoitti tämän kirjan ja milloin se julkaistiin?",
    "fr": "Qui a écrit ce livre et quand a-t-il été publié ?",
    "hi": "यह किताब किसने लिखी और यह कब छपी थी?",
    "hu": "Ki írta ezt a könyvet, és mikor adták ki?",
    "it": "Chi ha scritto questo libro e quando è stato pubblicato?",
    "ja": "この本を書いたのは誰ですか",
    "ko": "이 책을 누가 썼습니까",
    "nl": "Wie heeft dit boek geschreven en wanneer is het verschenen?",
    "pl": "Kto napisał tę książkę i kiedy została wydana?",
    "pt": "Quem escreveu este livro e quando foi publicado?",
    "ro": "Cine a scris această carte și când a fost publicată?",
    "ru": "Кто написал эту книгу и когда она вышла?",
    "sv": "Vem skrev den här boken och när gavs den ut?",
    "th": "ใครเป็นผู้เขียนหนังสือเล่มนี้",
    "tr": "Bu kitabı kim yazdı ve ne zaman yayımlandı?",
    "uk": "Хто написав цю книгу і коли її видали?",
    "vi": "Ai đã viết cuốn sách này và nó được xuất bản khi nào?",
    "zh": "这本书是谁写的，什么时候出版的？",
}

SAME = [
    ("de", "Häuser", "Hauses"),
    ("de", "Straßen", "strasse"),
    ("ru", "библиотеки", "библиотекой"),
    ("ru", "зелёный", "зеленого"),
    ("es", "bibliotecas", "Biblioteca"),
    ("es", "canción", "canciones"),
    ("fr", "l'imprimerie", "imprimeries"),
    ("it", "biblioteche", "biblioteca"),
    ("pt", "livros", "livro"),
    ("tr", "KİTAPLAR", "kitap"),
    ("tr", "IŞIKLAR", "ışık"),
    ("ar", "الْمَكْتَبَةُ", "مكتبة"),
    ("ar", "١٩٥١", "1951"),
    ("ar", "كتـــاب", "كتاب"),
    ("el", "βιβλιοθήκες", "βιβλιοθηκη"),
    ("hi", "किताबें", "किताब"),
    ("fi", "kirjastossa", "kirjaston"),
    ("hu", "könyvtárak", "könyvtár"),
    ("ro", "bibliotecile", "bibliotecă"),
    ("sv", "böckerna", "böcker"),
    ("en", "Libraries", "library"),
]


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_question_tells_its_language(language: str) -> None:
    assert language_of(QUESTIONS[language]) == language


@pytest.mark.parametrize("text", ["", "1951", "—", "Kirov 1934", "Ω≈ç"])
def test_what_holds_too_little_tells_none_or_its_scripts(text: str) -> None:
    assert language_of(text) in ("", "el")


def test_of_two_languages_the_expected_one_wins_a_tie() -> None:
    assert language_of("Berlin in 1951") == "en"
    assert language_of("Berlin in 1951", ("de",)) == "de"


def test_a_long_text_is_looked_at_in_its_middle_and_at_its_end_too() -> None:
    front_matter = "Printed in the year of the lamp and sold at the sign of the kite. " * 100
    text = front_matter + "Wer das Licht anzündet, dem gehört die Dunkelheit nicht mehr. " * 1000

    assert language_of(text) == "de"


@pytest.mark.parametrize(("language", "one", "other"), SAME)
def test_forms_of_a_word_meet(language: str, one: str, other: str) -> None:
    assert stems(one, language)[-1] == stems(other, language)[-1]


@pytest.mark.parametrize("language", sorted(KNOWN))
def test_every_language_cuts_any_text(language: str) -> None:
    assert stems("Wörter, слова, 词语, คำ, 42", language)


@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=60))
def test_english_words_one_by_one_have_the_stems_of_the_whole(text: str) -> None:
    assert [stem for word in written_words(text, "en") for stem in word_stems(word, "en")] == stems(text, "en")


def test_scripts_without_spaces_are_searched_by_pairs_of_letters() -> None:
    assert stems("图书馆", "zh") == ["图书", "书馆"]
    assert stems("图", "zh") == ["图"]
    assert stems("图书 in English", "en") == ["图书", "in", "english"]
    assert stems("ห้องสมุด", "th") == stems("หองสมุด", "th")


def test_a_word_of_another_script_is_stemmed_as_its_script_has_it() -> None:
    assert stems("the word библиотекой", "en") == ["the", "word", stems("библиотека", "ru")[0]]


def test_function_words_of_a_language_are_those_of_no_other() -> None:
    assert is_function_word("wer", "de")
    assert not is_function_word("hat", "en")
    assert is_function_word("hat", "de")
    assert not is_function_word("кирпич", "ru")


def test_every_list_of_function_words_is_of_a_language_that_is_known() -> None:
    assert set(FUNCTION_WORDS) <= KNOWN
    assert set(LATIN) <= KNOWN
    assert not set(NAMES) & OTHERS


DE = "Die Bücher der alten Bibliothek standen in hohen Schränken, und niemand wusste, wer sie gesammelt hatte."
RU = "Книги старой библиотеки стояли в высоких шкафах, и никто не знал, кто их собрал."


def jsonl(name: str, *texts: str, language: str = "") -> SourceFile:
    lines = "\n".join(json.dumps({"text": text}, ensure_ascii=False) for text in texts)
    return SourceFile(name, lines.encode(), FileSettings(language=language))


def test_a_document_has_the_language_of_its_text_or_the_one_told_of_it() -> None:
    assert read_file(jsonl("a.jsonl", DE))[0].language == "de"
    assert read_file(jsonl("a.jsonl", DE, language="nl-BE"))[0].language == "nl"


def test_a_language_that_nobody_knows_is_refused() -> None:
    with pytest.raises(FileUnreadable, match=r"the language 'klingon'.*languages are ar, bg"):
        read_file(jsonl("a.jsonl", DE, language="klingon"))


def test_collection_toml_tells_the_language_of_a_path_and_the_setting_that_of_the_rest(tmp_path: Path) -> None:
    for name in ("one.jsonl", "two.jsonl"):
        (tmp_path / name).write_bytes(jsonl(name, DE).data)
    (tmp_path / "collection.toml").write_text('[files."one.jsonl"]\nlanguage = "nl"\n', "utf-8")

    sources = find_files([tmp_path]).in_language("da").sources

    assert [read_file(source.load())[0].language for source in sources] == ["nl", "da"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("home")
    others = ("Ein Drachen hält sich an dem, woran er zieht.", "Змей держится за то, что он тянет.")
    embedder = HashEmbedder(dimension=64)
    build_index(folder, [jsonl("de.jsonl", DE, DE + " " + others[0], others[0]), jsonl("ru.jsonl", RU, others[1])], embedder)
    return folder


@pytest.fixture(scope="module")
def collection(home: Path) -> Collection:
    collection = Collection.open(home)
    learn(collection, HashEmbedder(dimension=64))
    return collection


def first(collection: Collection, line: str) -> str:
    embedder = HashEmbedder(dimension=64)
    retriever = Retriever(collection, count_tokens=embedder.count_tokens)
    question = retriever.parse(line)
    found = retriever.find(question, embedder.embed([question.words], "query")[0], 5)
    return (found.hits or found.nearest)[0].excerpt.text


def test_the_languages_of_a_collection_are_those_of_its_documents(collection: Collection, home: Path) -> None:
    assert collection.languages == ("de", "ru")
    assert [document.language for document in collection.documents()] == ["de", "ru"]
    assert verify(home).findings == ()


def test_a_question_finds_other_forms_of_its_words_in_each_language(collection: Collection) -> None:
    assert first(collection, "Wer sammelte das Buch im Schrank?").startswith("Die Bücher")
    assert first(collection, "Кто собирал книгу в шкафу библиотек?") == RU


def test_a_catalog_that_says_no_language_tells_it_from_its_texts(home: Path) -> None:
    snapshot = Snapshot(Home(home))
    rows = snapshot.rows

    def unsaid(query: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        return rows(query.replace("language,", "'?',").replace("language = '?'", "1"), parameters)

    snapshot.rows = unsaid  # type: ignore[method-assign]

    assert sorted(snapshot.languages.values()) == ["de", "ru"]


def letters(texts: Sequence[str]) -> list[int]:
    """A tokenizer that knows English words and the letters of all others, and two special tokens."""
    return [2 + sum(1 if word.isascii() else len(word) for word in text.split()) for text in texts]


def test_an_embedder_that_reads_single_letters_does_not_know_a_language() -> None:
    known = knowledge(["Nobody counts the wool.", "никто не считает шерсть", "1951", ""], letters)

    assert known.tolist() == [1, 0, 1, 1]


def test_an_embedder_that_reads_no_letters_does_not_know_a_language() -> None:
    assert knowledge(["ห้องสมุดที่อยู่ใกล้ที่สุดอยู่ที่ไหน"], lambda texts: [2 + len(text.split()) for text in texts]).tolist() == [0]


def test_cosines_of_an_unknown_language_do_not_count(collection: Collection) -> None:
    class Lost(HashEmbedder):
        def count_tokens(self, texts: Sequence[str]) -> list[int]:
            return [2 + len(text) for text in texts]

    embedder = Lost(dimension=64)
    learn(collection, embedder)
    retriever = Retriever(collection, count_tokens=embedder.count_tokens)
    question = parse_question("Wer sammelte das Buch im Schrank?")
    away = np.eye(64, dtype=np.float32)

    orders = {tuple(h.excerpt.id for h in retriever.find(question, vector, 9).hits) for vector in away}

    assert calibration_of(collection).known == 0
    assert len(orders) == 1
    learn(collection, HashEmbedder(dimension=64))
