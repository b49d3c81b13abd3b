"""Given names common in the languages our citations come from: evidence where a name ends, never a gate."""

_GIVEN = frozenset(
    """
    aaron adam adolf agnes aino albert aleksandr aleksei alex alexander alexandra alexandre alexei alfred alice allan
    allen amy ana anatoly anders andre andrea andreas andrei andrew angela ann anna anne ante anthony antoine anton
    antonio arch archibald arnold arthur arvo barbara beatrice benjamin bernard bertrand boris bruce budu carl carlo
    carlos carol caroline catherine charles charlotte chris christian christina christopher claude colin constance daniel
    david deborah denis dennis diana dmitri dmitry donald dora doris dorothy douglas edgar edmund edward edwin eleanor
    elena elizabeth ellen emil emily emma eric erich ernest ernst esther eugene eva evelyn evgeny feliks felix fernand
    fernando florence frances francis francisco frank franz fred frederick friedrich fyodor gabor gabriel gareth gary
    geoffrey georg george georges georgi georgii gerald gerard gilbert giovanni giuseppe grace graham gregory grigori
    grigory guy hannah hans harold harpal harry heinrich helen helene henri henry herbert herman hermann howard hugh ian
    igor ilya irene irina isaac isabel ivan jack jacob jacques james jan jane janet jean jeffrey jerome jerrold jessica
    jim joan joanna johann johannes john jonathan jorge jose josef joseph joyce juan judith julia julian julius karen karl
    kate katherine keith kenneth klaus kurt lars laura lawrence leo leon leonard leonid lev lewis lillian linda lion lisa
    louis louise lucy ludo ludwig luigi luis lynn maksim marc marcel margaret maria marie mario mark marshall martha
    martin mary matthew maurice mauritz max maxim michael michel miguel mikhail milovan miron molly moshe nadezhda nancy
    natalia nathan nicholas nicolas nigel nikita nikolai nikolaus nina nora norman oleg olga oliver oscar oskar otto owen
    pablo pamela patricia patrick paul paula pavel pedro peter philip philippe pierre rachel ralph raymond rebecca richard
    rita robert roberta robin roger roland ronald rosa rosamond rose roy rudolf rupert russell ruth sally samuel sandra
    sara sarah scott sean sergei sergey sheila sidney sigmund simon simone sofia sophia stefan stephen steve steven strobe
    stuart susan svetlana sylvia tamara theodore thomas tim timothy tom tony ulrich umberto ursula vadim valentin vasily
    vera victor viktor vincent virginia vladimir vyacheslav walter warren wendy werner wilhelm william winston wolfgang
    yegor yuri yves zhores
    """.split()
)


def is_given(word: str) -> bool:
    """Whether a word is a common given name; most given names are on no list."""
    return word.casefold() in _GIVEN
