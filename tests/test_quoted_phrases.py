"""A phrase in the quotation marks of any language is found where it occurs; else that is told, and its words are looked for."""

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.shelf import index_text, served

TEXT = """Маяк на северном мысе погас в январскую ночь. Смотритель клялся, что «огонь горел до рассвета», и ему не поверили.

Корабли с тех пор обходили северный мыс стороной, а новый смотритель завёл журнал.

El faro del cabo se apagó en enero. El farero juró que «la luz ardió hasta el alba», y nadie le creyó.

Los barcos evitaron desde entonces aquel cabo, y el nuevo farero abrió un diario.

انطفأت منارة الرأس الشمالي في ليلة من يناير. وأقسم الحارس أن «الضوء ظل مشتعلا حتى الفجر» فلم يصدقه أحد.

وصارت السفن تبتعد عن الرأس منذ ذلك الوقت، وفتح الحارس الجديد سجلا.
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    home = tmp_path_factory.mktemp("home")
    index_text(home, TEXT)
    with served(home) as client:
        yield client


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("Кто говорил, что «огонь горел до рассвета»?", "огонь горел"),
        ("Кто говорил, что „огонь горел до рассвета“?", "огонь горел"),
        ('Кто говорил, что "Огонь горел до рассвета,"?', "огонь горел"),
        ("¿Quién juró que «la luz ardió hasta el alba»?", "la luz ardió"),
        ("¿Quién juró que “la luz ardio hasta el alba”?", "la luz ardió"),
        ("من قال إن «الضوء ظل مشتعلا حتى الفجر»؟", "الضوء ظل"),
        ("من قال إن “الضَّوْءُ ظَلَّ مُشْتَعِلًا حتى الفجر”؟", "الضوء ظل"),
    ],
)
def test_what_occurs_is_found_in_any_marks_case_and_accents(client: TestClient[Litestar], question: str, held: str) -> None:
    answer = client.post("/v1/ask", json={"question": question}).json()

    found = answer["hits"] + answer["nearest"]
    assert answer["status"] != "phrase_absent"
    assert found
    assert all(held in hit["text"] for hit in found)


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("Кто видел, как «смотритель уронил фонарь в море»?", "смотритель уронил фонарь в море"),
        ("¿Quién vio que «el farero tiró la lámpara al mar»?", "el farero tiró la lámpara al mar"),
        ("من رأى أن «الحارس رمى المصباح في البحر»؟", "الحارس رمى المصباح في البحر"),
    ],
)
def test_what_occurs_nowhere_is_told_and_looked_for_by_its_words(
    client: TestClient[Litestar], question: str, phrase: str
) -> None:
    answer = client.post("/v1/ask", json={"question": question}).json()

    assert answer["status"] == "phrase_absent"
    assert [limit["value"] for limit in answer["limits"]] == [phrase]
    assert phrase in answer["explanation"]
    assert answer["hits"] + answer["nearest"]
