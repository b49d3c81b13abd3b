"""Everyday questions with their answers: yardsticks that have nothing to do with a collection.

Asked of a collection, the questions show what it looks like when it is asked in vain; compared with the answers by an
embedder, they show on what scale its cosines are.
"""

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
