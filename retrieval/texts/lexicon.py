"""English words by what they do in a claim: which happenings they name, which way they point, what they hedge.

Small and closed on purpose: a word that is not here is compared by its stem alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from retrieval.tokens import STOP_WORDS, stem


def _set(members: str) -> frozenset[str]:
    return frozenset(members.split())


def _rows(table: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The rows "name: member member …" of a table."""
    for row in table.strip().splitlines():
        name, _, members = row.partition(":")
        yield name.strip(), _set(members)


#: Happenings, by the stems of the words that name them: "supplied" and "obtained" tell of one handing over.
EVENTS = {
    stem(word): name
    for name, members in _rows(
        """
        transfer: supply supplies supplied deliver delivered delivery deliveries provide provided obtain obtained
        transfer: receive received get got give gave given send sent buy bought purchase sell sold sale acquire
        begin: begin began begun start started launch launched
        finish: finish finished complete completed end ended
        open: open opened opening reopen reopened inaugurate inaugurated
        close: close closed shut
        build: build built construct constructed construction erect erected
        design: design designed architect
        found: found founded founder establish established
        lift: lift lifted remove removed abolish abolished
        impose: impose imposed
        sign: sign signed conclude concluded
        sink: sink sank sunk
        burn: burn burned burnt
        birth: born birth
        death: die died death killed kill fatality fatalities perish perished
        cost: cost costs price priced
        lead: lead led head headed chair chaired
        visit: visit visited travel travelled trip went go come came
        meet: meet met meeting talks discuss discussed conference
        exercise: exercise exercises manoeuvre drill drills
        win: win won
        lose: lose lost
        write: write wrote written author
        invent: invent invented discover discovered
        """
    )
    for word in members
}
#: What may happen more than once, so that two dates of it are no contradiction.
REPEATED = frozenset({"visit", "meet", "exercise", "grow", "win", "lose"})
#: What happens to a thing once, but for the happenings above, by the keys of the words.
ONCE = frozenset(stem(word)[:6] for word in _set("demolished ratified passed adopted broke withdrew left crowned"))
#: From whom and to whom a transfer goes, as stems.
GIVING = frozenset(
    map(stem, _set("supply supplies supplied deliver delivered provide provided give gave given send sent sell sold"))
)
TAKING = frozenset(
    map(stem, _set("obtain obtained receive received get got buy bought purchase purchased acquire acquired"))
)
#: Whom "nobody" may mean, as stems.
PEOPLE = frozenset(
    stem(word)
    for word in _set(
        """people persons men women children boys girls workers miners sailors soldiers passengers firemen firefighters
        civilians students pupils villagers residents inhabitants fishermen guards officers visitors tourists victims"""
    )
)
#: What only one person or place can be, happenings and shortened stems: of two names for it one is too many.
EXCLUSIVE = _set("design build found lead birth sign write invent capita headqu first oldest larges buri bas owner")

#: Words on a scale and the end of it where they stand, by stem.
SCALES = {
    stem(word): (name[:-1], 1 if name.endswith("+") else -1)
    for name, members in _rows(
        """
        grow+: increase increased rise rises rose risen grow grew grown improve improved expand strengthen boost higher
        grow-: decrease decline fall falls fell fallen drop shrink shrank shrunk worsen worsened weaken lower
        favour+: support back favour favor approve approved accept accepted welcome endorse agree
        favour-: oppose opposes opposed reject rejected refuse refused
        admit+: admit admitted confirm confirmed
        admit-: deny denies denied
        allow+: allow allowed permit permitted
        allow-: ban banned forbid forbade forbidden prohibit
        possible+: possible
        possible-: impossible
        safe+: safe
        safe-: unsafe dangerous
        strong+: strong
        strong-: weak
        """
    )
    for word in members
}

NEGATORS = _set("not never no nobody none neither nor without hardly scarcely fail failed fails failing unable cannot")
#: What makes a claim a wish, a condition or a guess, as stems.
HEDGES = frozenset(
    stem(word)
    for word in _set(
        """hope hopes wish wishes may might can cannot able unable could would should expect expects expected want
        wants perhaps possibly intend intends promised seek seeks ask asked
        likely need needs must"""
    )
)
CONDITIONS = _set("if unless whether example suppose assuming")
#: What stands for something that another sentence names.
PRONOUNS = _set("he she it they him her them his hers its their theirs this these those")
FUTURE = _set("will shall going")
PREPOSITIONS = _set(
    """of in on at to from by for with without against before after since until till during under over above below near
    between among into onto through across along despite than as per off towards toward via within upon behind beside
    inside outside around about"""
)
#: What says that there is more than one of the kind.
AGAIN = _set("again else another each every annual next also other second third fourth further additional yearly")
#: Marks of one thing among several; two things that are marked differently are two.
CONTRASTS = dict(
    _rows(
        """
        ordinal: first second third fourth fifth sixth seventh eighth ninth tenth last 1st 2nd 3rd 4th 5th
        side: north south east west northern southern eastern western
        level: upper lower
        hand: left right
        trade: import imports export exports
        sex: men women boys girls male female
        season: spring summer autumn winter
        stand: for against
        order: before after
        weekday: monday tuesday wednesday thursday friday saturday sunday
        """
    )
)
TITLES = _set(
    """mr mrs ms dr prof professor general gen colonel col captain lieutenant lt major admiral marshal sir president
    prime minister king queen mayor ambassador monday tuesday wednesday thursday friday saturday sunday"""
)
#: Words that carry no claim of their own.
LIGHT = STOP_WORDS | _set(
    """show shows shown showed make makes made take takes took taken become became remain remains any major great real
    significant year years month day time times last recent recently now today ago since only still already however
    despite although though two-year said says say according among part number percent per cent pc total late early
    go going went let may might shall will one"""
)
APPROXIMATE = _set("about around some nearly almost roughly approximately estimated circa ~") | {"more or less"}
AT_LEAST = frozenset(
    {"no fewer than", "no less than", "not less than", "over", "at least", "more than", "above", "exceeding"}
)
AT_MOST = frozenset(
    {
        "no more than",
        "not more than",
        "as many as",
        "as much as",
        "under",
        "at most",
        "less than",
        "fewer than",
        "below",
        "up to",
    }
)

#: A capital or a people stands for its country in the news.
COUNTRIES = {
    word: name
    for name, members in _rows(
        """
        russia: moscow kremlin soviet ussr russians
        united-states: washington us usa america american americans
        china: beijing chinese
        india: delhi indians
        pakistan: islamabad pak
        united-kingdom: london britain british uk
        france: paris french
        germany: berlin german germans
        japan: tokyo japanese
        iran: tehran iranians
        turkey: ankara turkish
        afghanistan: kabul afghan afghans
        ukraine: kyiv
        israel: jerusalem
        saudi-arabia: riyadh saudi
        egypt: cairo
        poland: warsaw polish
        spain: madrid spanish
        italy: rome italian
        """
    )
    for word in members
}

#: Measures that are said in two steps, "2 hours 10 minutes", as stems.
MEASURES = frozenset(
    stem(word)
    for word in _set(
        """hour hours minute minutes second seconds day days week weeks month months year years foot feet inch inches
        mile miles yard yards pound pounds ounce ounces stone shilling shillings penny pence metre metres meter meters
        centimetre centimetres kilometre kilometres kilo kilos gram grams degree degrees crown crowns"""
    )
)

_TEENS = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
SMALL_NUMBERS = {
    **{word: number for number, word in enumerate([*_TEENS.split(), "eighteen", "nineteen"], start=2)},
    **{word: number * 10 for number, word in enumerate(_TENS.split(), start=2)},
    "dozen": 12,
}
POWERS = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
