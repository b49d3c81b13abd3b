"""Words that sentences and questions of a language are made of and that tell little of their subject, by language.

Texts seldom ask questions, so "who", "did" or "what" are rare in them and would count as if they told much; and of all words
these tell best which language a text is in. Where tantivy has a list of a language (index/stores/analysis.py), these are added.
"""

FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": """
            a about above after again against all am an and any are aren as at be because been before being below
            between both but by can cannot could couldn d did didn do does doesn doing don down during each few for
            from further had hadn has hasn have haven having he her here hers herself him himself his how i if in into
            is isn it its itself just ll let m me more most mustn my myself no nor not now of off on once only or
            other ought our ours ourselves out over own re s same shan she should shouldn so some such t than that the
            their theirs them themselves then there these they this those through to too under until up ve very was
            wasn we were weren what when where which while who whom why will with won would wouldn you your yours
            yourself yourselves
            """,
        "ar": """
            من في على إلى عن أن إن هو هي هم ما ماذا متى أين كيف لماذا هل كم كان كانت قد لم لن لا التي الذي الذين هذا
            هذه ذلك تلك مع بعد قبل بين عند كل أي أو ثم حتى إذا لكن منذ خلال غير كما به له لها فيه فيها عليه عليها منه
            منها أول يكون تكون لدى حول
            """,
        "bg": """
            и в на с за от до по при през не се е са беше бяха кой коя кое кои какво кога къде защо как колко че да
            като или но
            """,
        "ca": """
            el la els les un una de del dels i a en amb per que qui què quan on com quant quina quin és són va van no
            es al als
            """,
        "cs": """
            a v ve na s se z do po pro při od ke k o u je jsou byl byla bylo byli kdo co kdy kde proč jak kolik který
            která že
            """,
        "da": """
            hvem hvad hvornår hvor hvorfor hvordan hvilken hvilket hvilke
            """,
        "de": """
            wer wen wem wessen was wann wo wohin woher warum weshalb wie wieviel welche welcher welches welchen
            welchem wurde wurden worden beim zum zur vom ans ins seit laut
            """,
        "el": """
            ο η το οι τα του της των τον την τους τις και σε στο στη στην στον στους στις στα με από για που πως πώς
            πού ποιος ποια ποιο ποιοι ποιες ποιον τι πότε γιατί πόσο πόσοι πόσες πόσα είναι ήταν έχει είχε δεν να θα
            ως αν ή όταν μια ένα ένας
            """,
        "es": """
            quién quiénes qué cuándo dónde cómo cuánto cuánta cuántos cuántas cuál cuáles por según fue fueron
            """,
        "et": """
            ja on ei et see oli olid kes mis millal kus miks kuidas mitu ning või aga kui ka oma selle
            """,
        "fi": """
            kuka mikä mitä milloin missä miksi kuinka miten mikä mistä moni
            """,
        "fr": """
            qui que quoi quand où pourquoi comment combien quel quelle quels quelles est été fut selon parmi lors dont
            """,
        "hi": """
            का के की को में से पर है हैं था थी थे ने और या एक यह वह ये वे इस उस इन उन जो कि तो भी ही क्या कौन किस
            किसने किसे कब कहाँ कहां क्यों कैसे कितना कितने कितनी कौनसा किन लिए साथ तक द्वारा नहीं हो होता होती होते
            गया गई गए किया जा रहा अपने
            """,
        "hr": """
            i u na s sa za od do po pri je su bio bila bilo bili tko što kada gdje zašto kako koliko koji koja koje da
            se ne
            """,
        "hu": """
            ki mi mikor hol miért hogyan mennyi melyik hány kik mit kit
            """,
        "id": """
            yang dan di ke dari untuk dengan pada adalah ini itu siapa apa kapan mana mengapa bagaimana berapa oleh
            dalam tidak
            """,
        "it": """
            chi che cosa quando dove perché come quanto quanta quanti quante quale quali fu furono secondo
            """,
        "lt": """
            ir yra buvo kas kada kur kodėl kaip kiek kuris kuri į iš su ne už apie bei ar kad
            """,
        "nl": """
            wie wat wanneer waar waarom hoe hoeveel welke welk volgens werd werden
            """,
        "no": """
            hvem hva når hvor hvorfor hvordan hvilken hvilket hvilke
            """,
        "pl": """
            i w we na z ze do od po przy o u jest są był była było byli kto co kiedy gdzie dlaczego jak ile który
            która które że się nie dla przez oraz ale czy
            """,
        "pt": """
            quem que quê quando onde porque por como quanto quanta quantos quantas qual quais foi foram segundo
            """,
        "ro": """
            și şi în la de cu pe pentru din este sunt era a au fost nu un o care ce cine când unde cum cât câți câte
            câtă de ce prin să se ale al ai lui ei lor iar dar sau după între până ca că mai fi fiind aceasta acest
            acestei acestui
            """,
        "ru": """
            кто кого кому кем что чего когда где куда откуда почему зачем как сколько какой какая какое какие каком
            каких какую каким который которая которое которые чей чья был была было были является согласно это
            """,
        "sr": """
            и у на са за од до по при је су био била било били ко шта када где зашто како колико који која које да се
            не
            """,
        "sv": """
            vem vad när var varför hur vilken vilket vilka
            """,
        "ta": """
            ஒரு இந்த அந்த என்ன யார் எப்போது எங்கே ஏன் எப்படி எத்தனை மற்றும் என்று ஆகும் இது அது
            """,
        "tr": """
            ve bir bu şu o da de ile için ne kim kimin kime ne zaman nerede nereye neden niçin niye nasıl kaç hangi
            kadar gibi daha en çok olan olarak ise mi mı mu mü değil var yok sonra önce tarafından göre olduğu oldu
            idi hangisi kimdir nedir
            """,
        "uk": """
            і й в у на з за від до по при не є був була було були хто що коли де чому як скільки який яка яке які та
            або але це
            """,
        "vi": """
            và của là các những một trong được có cho không này đó với người từ đến ở bởi ai gì nào khi đâu tại sao
            thế bao nhiêu mấy như vì đã sẽ đang cũng thì mà để về theo trên dưới sau trước nhiều
            """,
    }.items()
}
