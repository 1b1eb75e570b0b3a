"""Files to articles: what is read, what is left out, and the reason given."""

from __future__ import annotations

import codecs
import json
import os
import re
import socket
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.articles import read_articles
from retrieval.articles.decoding import decode
from retrieval.articles.webpages import web_article
from retrieval.texts.dates import iso_date
from retrieval.types import Article, Kind, Reference, Rejected

FERRY = "The ferry came back to the harbour on 3 May 1987 after two years in the yard of a neighbouring town."
ENGINE = "The engine had failed in winter, and the council did not find the money for a new one until spring."


def read(*paths: Path, max_file_mb: int = 1) -> tuple[list[Article], list[Rejected]]:
    found = list(read_articles(paths, max_file_mb))
    return [a for a in found if isinstance(a, Article)], [r for r in found if isinstance(r, Rejected)]


def read_one(path: Path, content: str | bytes) -> Article:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (article,), rejected = read(path)
    assert not rejected
    return article


def reason_for(path: Path, content: bytes = b"") -> tuple[str, bool]:
    if not path.exists():
        path.write_bytes(content)
    articles, (rejected,) = read(path)
    assert not articles
    return rejected.reason, rejected.failed


def write_lines(path: Path, lines: Sequence[object]) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


# Finding files


def test_a_folder_is_read_recursively_and_sorted_with_ids_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "2019").mkdir()
    for name in ("b.txt", "a.TXT", "2019/harbour.md"):
        (tmp_path / name).write_text(FERRY)
    articles, rejected = read(tmp_path)
    assert [a.reference.article_id for a in articles] == ["2019/harbour.md", "a.TXT", "b.txt"]
    assert articles[0].reference.source == str((tmp_path / "2019" / "harbour.md").resolve())
    assert not rejected


def test_a_named_file_has_its_name_as_id_and_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(FERRY)
    articles, _ = read(file, tmp_path, file)
    assert [a.reference.article_id for a in articles] == ["a.txt"]


def test_hidden_files_and_folders_are_passed_over_unless_named(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in (".git/a.txt", ".draft.txt", "a.txt"):
        (tmp_path / name).write_text(FERRY)
    assert [a.reference.article_id for a in read(tmp_path)[0]] == ["a.txt"]
    assert [a.reference.article_id for a in read(tmp_path / ".draft.txt")[0]] == [".draft.txt"]


def test_a_missing_path_is_a_failure(tmp_path: Path) -> None:
    missing = tmp_path / "no.txt"
    assert read(missing) == ([], [Rejected(str(missing), "no such file or folder", failed=True)])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("scan.pdf", b"%PDF", "no reader for .pdf; save it as text first"),
        ("ferry.jpg", b"\xff\xd8", "no reader for .jpg"),
        ("README", b"text", "no reader for files without an extension"),
        ("empty.txt", b"", "no text"),
        ("blank.md", b" \n\t\n", "no text"),
        ("blank.html", b"\n", "no text"),
        ("empty.jsonl", b"\n\n", "no text"),
        ("questions.jsonl", b'{"id": 1, "question": "Who?"}\n' * 2, "a question set, not articles"),
    ],
)
def test_what_is_not_for_sayso_is_skipped_with_the_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    assert reason_for(tmp_path / name, content) == (reason, False)


def test_a_file_over_the_limit_is_a_failure_with_both_sizes(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_bytes(b"word " * 300_000)
    assert reason_for(tmp_path / "long.txt") == ("1.4 MB, over the limit of 1 MB", True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "locked.txt").write_text(FERRY)
    (tmp_path / "locked.txt").chmod(0)
    assert reason_for(tmp_path / "locked.txt") == ("cannot be read: Permission denied", True)


def test_links_out_of_a_folder_are_skipped_and_circles_end(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.txt").write_text(FERRY)
    (inside / "a.txt").write_text(FERRY)
    (inside / "again.txt").symlink_to(inside / "a.txt")
    (inside / "circle").symlink_to(inside)
    (inside / "folder").symlink_to(outside)
    (inside / "secret.txt").symlink_to(outside / "secret.txt")
    (inside / "self.txt").symlink_to(inside / "self.txt")
    articles, rejected = read(inside)
    assert [a.reference.article_id for a in articles] == ["a.txt"]
    assert [(Path(r.source).name, r.reason, r.failed) for r in rejected] == [
        ("folder", "a link that leads out of the folder", False),
        ("secret.txt", "a link that leads out of the folder", False),
        ("self.txt", "cannot be read: Too many levels of symbolic links", True),
    ]


def test_a_pipe_named_txt_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert reason_for(tmp_path / "pipe.txt") == ("not a regular file", False)


def test_pipes_and_sockets_in_a_folder_are_skipped_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.jsonl")
        articles, rejected = read(tmp_path)
    assert not articles
    assert {(Path(r.source).name, r.reason, r.failed) for r in rejected} == {
        ("pipe.txt", "not a regular file", False),
        ("socket.jsonl", "not a regular file", False),
    }


@pytest.mark.parametrize("path", ["a" * 300, "a/" * 2_100, "/" + "b" * 5_000 + ".txt"])
def test_a_path_that_is_too_long_is_a_failure(path: str) -> None:
    assert read(Path(path)) == ([], [Rejected(str(Path(path)), "cannot be read: File name too long", failed=True)])


def test_files_deeper_than_a_path_can_name_are_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text(FERRY)
    monkeypatch.chdir(tmp_path)
    for _ in range(18):
        os.mkdir("d" * 240)
        os.chdir("d" * 240)
        Path("b.txt").write_text(FERRY)
    articles, rejected = read(tmp_path)
    assert "a.txt" in {a.reference.article_id for a in articles}
    assert rejected
    assert {(r.reason, r.failed) for r in rejected} == {("cannot be read: File name too long", True)}


def test_a_path_with_a_nul_is_no_file() -> None:
    assert read(Path("a\0b")) == ([], [Rejected("a\0b", "no such file or folder", failed=True)])


def test_a_file_name_that_is_not_utf8_is_a_failure_that_can_be_printed(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text(FERRY)
    _, (rejected,) = read(tmp_path)
    assert rejected.source == f"{tmp_path}/caf\N{REPLACEMENT CHARACTER}.txt"
    assert (rejected.reason, rejected.failed) == ("a file name that is not UTF-8", True)


# Decoding


@pytest.mark.parametrize(
    "data",
    [
        "Zwölf Boxkämpfer\r\n\r\njagen Viktor.".encode(),
        codecs.BOM_UTF8 + "Zwölf Boxkämpfer\r\n\r\njagen Viktor.".encode(),
        codecs.BOM_UTF16_LE + "Zwölf Boxkämpfer\r\n\r\njagen Viktor.".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "Zwölf Boxkämpfer\r\n\r\njagen Viktor.".encode("utf-16-be"),
    ],
)
def test_text_is_as_decoded_without_its_mark(tmp_path: Path, data: bytes) -> None:
    assert read_one(tmp_path / "a.txt", data).text == "Zwölf Boxkämpfer\r\n\r\njagen Viktor."


def test_an_old_encoding_is_detected(tmp_path: Path) -> None:
    text = "Le café était fermé, disait-on, mais le garçon a été très aimable et la fenêtre restait ouverte."
    assert read_one(tmp_path / "a.txt", text.encode("cp1252")).text == text


WESTERN = [
    "The grant of £5,000 went to Mme Côté and Mr Åström; Señor Muñoz wrote of El Niño.",
    "The council paid £5,000 for it.",
    "£5",
    "Été",
    "The ferry’s “long way” home cost £30 – or €40, said Zoë.",
    "Die Fähre fuhr über den Fluß, und die Bürger waren glücklich, daß sie hinüberkamen.",
    "Färjan gick över ån på våren, och alla åkte med till Åbo.",
    "Não há mais barcos no porto; a estação começou com atenção, disse João, e põe o coração em tudo.",
    "La señora comió una piña en España, ¿verdad? ¡Sí, señor! Mañana volverá en avión con él.",
    "Þórður sagði við Guðrúnu að ferjan væri komin aftur á föstudaginn, og allir fögnuðu því mjög.",
]
ELSEWHERE = [
    ("cp1250", "Prom wrócił do portu w maju, po dwóch latach w stoczni, a mieszkańcy cieszyli się, że płyną."),
    ("iso8859-2", "Prom wrócił do portu w maju, po dwóch latach w stoczni, a mieszkańcy cieszyli się, że płyną."),
    ("cp1250", "Přívoz se vrátil třetího května, po dvou letech v loděnici, a lidé byli šťastní, že mohou přes řeku."),
    ("cp1250", "A komp két évvel később tért vissza a kikötőbe, és az emberek örültek, hogy újra átkelhetnek; "
     "nyár volt, a tűz körül ültek, és a víz fölött felhők úsztak."),
    ("cp1254", "Feribot iki yıl sonra mayıs ayında limana döndü ve insanlar nehri geçebildikleri için sevindi."
     " Şehirde herkes güneşli günü konuştu."),
    ("cp1251", "Паром вернулся в гавань третьего мая, спустя два года."),
    ("koi8-r", "Паром вернулся в гавань третьего мая, спустя два года."),
    ("cp1253", "Το πλοίο επέστρεψε στο λιμάνι στις τρεις Μαΐου, μετά από δύο χρόνια στο ναυπηγείο."),
    ("cp1255", "המעבורת חזרה לנמל בשלושה במאי, אחרי שנתיים במספנה של העיר השכנה."),
    ("cp1256", "عادت العبارة إلى الميناء في الثالث من مايو بعد عامين قضتهما في حوض السفن في المدينة."),
    ("shift_jis", "フェリーは二年間の修理の後、五月三日に港に戻ってきた。市民はとても喜んだ。"),
    ("gb18030", "渡轮在邻近城市的船厂停留两年之后，于五月三日回到港口，市民们都很高兴。"),
]  # fmt: skip


@pytest.mark.parametrize("times", [1, 40])
@pytest.mark.parametrize("text", WESTERN)
def test_bytes_that_are_no_utf8_are_western(tmp_path: Path, text: str, times: int) -> None:
    text = "\n".join([text] * times)
    assert read_one(tmp_path / "a.txt", text.encode("cp1252")).text == text


@pytest.mark.parametrize("times", [1, 40])
@pytest.mark.parametrize(("encoding", "text"), ELSEWHERE)
def test_another_script_or_language_is_told_by_its_letters(
    tmp_path: Path, encoding: str, text: str, times: int
) -> None:
    text = "\n".join([text] * times)
    assert read_one(tmp_path / "a.txt", text.encode(encoding)).text == text


NAMES = ["£5,000", "Côté", "Québec", "Åström", "Señor", "Niño", "José", "Zoë", "naïve", "Çelik", "Sørby", "–", "“no”"]


@given(st.lists(st.sampled_from(NAMES)))
def test_names_of_many_languages_in_english_are_western(names: list[str]) -> None:
    data = " ".join(f"{name} said that the ferry came back." for name in names).encode("cp1252")
    assert decode(data) == data.decode("cp1252")


def test_damaged_utf8_is_a_failure_and_not_another_encoding(tmp_path: Path) -> None:
    data = "Le café était fermé à côté.".encode() + b"\xe9 fin"
    assert reason_for(tmp_path / "a.txt", data) == ("not valid UTF-8 at byte 33", True)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\x1f\x8b\x08\x08\xd2\x02\x96\x03\xff\xfe\x80\x81\x90" * 9,
        b"\x01\x02\x03\x04 text \x05\x06",
    ],
)
def test_binary_content_named_txt_is_a_failure(tmp_path: Path, data: bytes) -> None:
    assert reason_for(tmp_path / "a.txt", data) == ("binary content, not text", True)


def test_half_a_utf16_file_is_a_failure(tmp_path: Path) -> None:
    assert reason_for(tmp_path / "a.txt", codecs.BOM_UTF16_LE + b"a\0b") == ("not valid UTF-16 at byte 4", True)


# Markdown


def test_front_matter_states_the_reference_and_stays_in_the_text(tmp_path: Path) -> None:
    text = (
        "---\ntitle: 1984 and after\nauthor: [Jane Marsh, {name: Tom Reed}]\nsite: Harbour Post\ndate: 15 March 2017\n"
        f"url: https://example.org/a\nrests_on:\n  title: another\n---\n\n# 1984 and after\n\n{FERRY}\n"
    )
    article = read_one(tmp_path / "a.md", text)
    reference = article.reference
    assert article.text == text
    assert (reference.title, reference.author) == ("1984 and after", "Jane Marsh, Tom Reed")
    assert reference.publisher == "Harbour Post"
    assert (reference.published, reference.url) == ("2017-03-15", "https://example.org/a")
    (region,) = article.regions
    assert region.kind is Kind.METADATA
    assert text[region.start : region.end].endswith("another\n---")


@pytest.mark.parametrize(
    "front_matter",
    ["title: [open", "just words", "- a\n- list", 'title: "\\ud800"', "[" * 2_000, "a: &a [*a]", "author: [[a]]"],
)
def test_front_matter_that_states_nothing_usable_does_no_harm(tmp_path: Path, front_matter: str) -> None:
    article = read_one(tmp_path / "a.md", f"---\n{front_matter}\n---\n\n{FERRY}\n")
    assert article.reference.title is None
    assert article.reference.author is None


def test_a_rule_at_the_top_is_no_front_matter(tmp_path: Path) -> None:
    assert read_one(tmp_path / "a.md", f"---\n\n{FERRY}\n").regions == ()


# Web pages

PAGE = f"""<html><head><title>Ferry returns | Harbour Post</title>{{head}}</head><body>
<nav><a href="/">Home</a></nav><article><h1>Ferry returns</h1><p>{FERRY}</p><h2>Why it left</h2><p>{ENGINE}</p>
<ul><li>One engine was bought.</li><li>Two masts were mended.</li></ul></article>
<div id="comments"><ol class="comment-list"><li class="comment"><p>I was on the first trip, cold but lovely.</p>
<a>Reply</a></li></ol></div><footer>Copyright 2017</footer></body></html>"""


def test_a_page_is_its_paragraphs_with_comments_behind_them(tmp_path: Path) -> None:
    article = read_one(tmp_path / "a.html", PAGE.format(head=""))
    kinds = {article.text[r.start : r.end]: r.kind for r in article.regions}
    assert article.text.split("\n\n")[:4] == ["Ferry returns", FERRY, "Why it left", ENGINE]
    assert kinds["Ferry returns"] is Kind.TITLE
    assert kinds["Why it left"] is Kind.HEADING
    assert kinds["I was on the first trip, cold but lovely."] is Kind.COMMENT
    assert "Home" not in article.text


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="author" content="Jane Marsh"><meta property="og:site_name" content="Harbour Post">'
        '<meta property="article:published_time" content="2017-03-15T10:00:00Z">'
        '<link rel="canonical" href="https://example.org/ferry">',
        '<script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "x"}, {"@type": "NewsArticle",'
        ' "author": [{"name": "Jane Marsh"}], "publisher": {"name": "Harbour Post"}, "datePublished": "2017-03-15",'
        ' "url": "https://example.org/ferry"}]}</script>',
    ],
)
def test_the_reference_of_a_page_comes_from_its_markup(tmp_path: Path, head: str) -> None:
    reference = read_one(tmp_path / "a.html", PAGE.replace("{head}", head)).reference
    assert reference.title == "Ferry returns"
    assert (reference.author, reference.publisher) == ("Jane Marsh", "Harbour Post")
    assert (reference.published, reference.url) == ("2017-03-15", "https://example.org/ferry")


def test_what_the_markup_of_a_page_does_not_state_is_not_guessed(tmp_path: Path) -> None:
    broken = '<link rel="canonical" href="javascript:alert(1)"><script type="application/ld+json">{</script>'
    guests = "<article><p>By Someone Else</p><p>Doors open <time datetime='2031-01-01'>soon</time>"
    page = PAGE.format(head=broken).replace("<article>", guests)
    reference = read_one(tmp_path / "2017-03-15.html", page).reference
    assert (reference.author, reference.publisher, reference.published, reference.url) == (None, None, None, None)


def test_marks_in_the_body_state_author_and_date(tmp_path: Path) -> None:
    marks = '<a rel="author" href="/j">Jane Marsh</a><time class="entry-date" datetime="2017-03-15">March</time><h1>'
    page = PAGE.format(head="").replace("<h1>", marks)
    reference = read_one(tmp_path / "a.html", page).reference
    assert (reference.author, reference.published) == ("Jane Marsh", "2017-03-15")


def test_a_page_in_a_declared_encoding_and_one_with_an_xml_declaration_are_read(tmp_path: Path) -> None:
    declared = f'<html><head><meta charset="iso-8859-2"></head><body><p>Łódź jest miastem. {FERRY}</p></body></html>'
    assert "Łódź" in read_one(tmp_path / "a.html", declared.encode("iso-8859-2")).text
    assert "Łódź" in read_one(tmp_path / "b.html", '<?xml version="1.0" encoding="utf-8"?>' + declared).text


def test_a_declared_encoding_wins_and_latin_1_is_windows_1252(tmp_path: Path) -> None:
    text = "“Łódź”" * 3
    polish = f'<html><head><meta charset="windows-1250"></head><body><p>{text} {FERRY}</p></body></html>'
    western = f'<html><head><meta charset="iso-8859-1"></head><body><p>“Señor” {FERRY}</p></body></html>'
    assert text in read_one(tmp_path / "a.html", polish.encode("cp1250")).text
    assert "“Señor”" in read_one(tmp_path / "b.html", western.encode("cp1252")).text


@pytest.mark.parametrize("tag", ["div", "p", "span", "address"])
def test_a_byline_below_the_heading_of_a_page_states_author_and_date(tmp_path: Path, tag: str) -> None:
    line = f"</h1><div class='top'><{tag}>By Samuel Ortiz, 5 January 2021</{tag}></div>"
    reference = read_one(tmp_path / "a.html", PAGE.format(head="").replace("</h1>", line)).reference
    assert (reference.author, reference.published) == ("Samuel Ortiz", "2021-01-05")


def test_a_byline_further_down_a_page_is_another_articles(tmp_path: Path) -> None:
    teaser = "</article><div>By Samuel Ortiz, 5 January 2021</div>"
    reference = read_one(tmp_path / "a.html", PAGE.format(head="").replace("</article>", teaser)).reference
    assert (reference.author, reference.published) == (None, None)


def test_a_page_nested_beyond_reason_is_a_failure(tmp_path: Path) -> None:
    assert reason_for(tmp_path / "a.html", b"<div>" * 50_000 + b"deep") == ("HTML nested too deeply", True)


BOB = "Bob says that the ferry cost nine million crowns."
COMMENT_SECTIONS = [
    '<div id="comments" class="comments"><ol class="comment-list"><li><p>{}</p></li></ol></div>',
    '<div id="comments"><h3>One comment</h3><ol class="commentlist"><li id="comment-1"><div class="comment-body">'
    '<p>{}</p><div class="reply"><a href="#">Reply</a></div></div></li></ol><div id="respond"><h3>Leave a reply</h3>'
    "<form><p>Your address will not be published.</p></form></div></div>",
    '<section class="comments-area"><article class="comment"><p>{}</p></article></section>',
    '<aside class="post reader-comments"><ul><li><p>{}</p></li></ul></aside>',
    '<ul class="comments"><li class="comment"><p>{}</p></li></ul>',
    '<section class="comments">{}</section>',
    '<section class="comments"><h2>Comments</h2><ul><li>{}<div><a href="#">Reply</a></div></li></ul></section>',
    '<div id="comments"><div><a href="/bob">Bob</a></div><div>{}</div><button>Reply</button></div>',
    '<div id="comments"><blockquote>{}</blockquote><script>reply("address")</script></div>',
    '<dl class="comments"><dt><a href="/bob">Bob</a></dt><dd>{}</dd></dl>',
    '<footer id="comments"><span>{}</span><br><a href="#">Reply</a></footer>',
]


@pytest.mark.parametrize("section", COMMENT_SECTIONS)
@pytest.mark.parametrize("frame", ["<p>{}</p>", "{}", "<article class='post comments-open'><p>{}</p></article>"])
def test_readers_comments_are_no_body_however_short_the_page(tmp_path: Path, frame: str, section: str) -> None:
    page = f"<html><body><h1>Ferry</h1>{frame.format(FERRY)}{section.format(BOB)}<p>{ENGINE}</p></body></html>"
    article = read_one(tmp_path / "a.html", page)
    assert [article.text[r.start : r.end] for r in article.regions if r.kind is Kind.COMMENT] == [BOB]
    assert (article.text.count(BOB), article.text.count(FERRY)) == (1, 1)
    assert "Reply" not in article.text
    assert "address" not in article.text


def test_the_comments_of_several_sections_stay_in_order(tmp_path: Path) -> None:
    section = '<div class="comments"><div class="comment"><p>{}</p></div><div class="comment"><p>{}</p></div></div>'
    said = [f"Reader {name} was on the first trip." for name in ("Ann", "Bob", "Cid", "Dan")]
    page = f"<html><body><p>{FERRY}</p>{section.format(*said[:2])}{section.format(*said[2:])}</body></html>"
    article = read_one(tmp_path / "a.html", page)
    assert [article.text[r.start : r.end] for r in article.regions] == said


@given(
    st.lists(st.lists(st.from_regex(r"[A-Za-z]{1,9}", fullmatch=True), min_size=1).map(" ".join), min_size=1), st.data()
)
def test_all_that_readers_say_is_kept_whatever_elements_hold_it(said: list[str], data: st.DataObject) -> None:
    blocks = ("p", "div", "li", "dd", "blockquote", "section", "article", "td", "pre")
    tags = data.draw(st.lists(st.sampled_from(blocks), min_size=len(said), max_size=len(said)))
    section = "".join(f"<{tag}>{text}</{tag}>" for tag, text in zip(tags, said, strict=True))
    page = f'<html><body><h1>Ferry</h1><p>{FERRY}</p><div id="comments">{section}</div><p>{ENGINE}</p></body></html>'
    article = web_article(Reference("a", "/a.html"), page)
    assert [article.text[r.start : r.end] for r in article.regions if r.kind is Kind.COMMENT] == said


@pytest.mark.parametrize("tag", ["p", "noscript"])
def test_the_place_of_a_comment_service_says_nothing(tmp_path: Path, tag: str) -> None:
    place = f'<div id="disqus_thread"><{tag}>Please enable JavaScript.</{tag}></div><a class="dsq-brlink">by Disqus</a>'
    article = read_one(tmp_path / "a.html", f"<html><body><h1>Ferry</h1><p>{FERRY}</p>{place}</body></html>")
    body = article.text
    for region in article.regions:
        body = body.replace(article.text[region.start : region.end], "")
    assert FERRY in body
    assert "JavaScript" not in body
    assert "Disqus" not in body


def test_an_article_in_a_column_called_comment_stays_body(tmp_path: Path) -> None:
    page = f'<html><body><div class="comment-page"><h1>Ferry</h1><p>{FERRY}</p><p>{ENGINE}</p></div></body></html>'
    assert FERRY in read_one(tmp_path / "a.html", page).text


LOOSE = st.lists(
    st.sampled_from([f"{{}}. {FERRY}", f"{FERRY} <b>No {{}}</b> came.", f"<i>{{}} <a>sank</a>. {FERRY}</i>"])
)
BETWEEN = st.sampled_from(["<br><br>", "<br />\n<br />", "<p>", "<hr>", "<h2>Then</h2>"])


@settings(deadline=None, max_examples=60)
@given(LOOSE.filter(bool), BETWEEN, st.booleans())
def test_text_straight_in_the_body_is_kept_in_order(
    tmp_path: Path, sentences: list[str], between: str, headed: bool
) -> None:
    numbered = [sentence.format(number) for number, sentence in enumerate(sentences)]
    page = "<html><body>" + "<h1>Ferries</h1>" * headed + between.join(numbered) + "</body></html>"
    paragraphs = read_one(tmp_path / "a.html", page).text.split("\n\n")
    plain = [re.sub("<.*?>", "", sentence) for sentence in numbered]
    assert [paragraph for paragraph in paragraphs if paragraph not in {"Ferries", "Then"}] == plain


def test_a_line_break_in_loose_text_ends_no_paragraph_and_links_alone_are_none(tmp_path: Path) -> None:
    page = f"<html><body><a>Home</a> | <a>News</a><h1>Ferry</h1>{FERRY}<br>{ENGINE}<script>var a</script></body></html>"
    assert read_one(tmp_path / "a.html", page).text.split("\n\n")[-1] == f"{FERRY}\n{ENGINE}"
    assert "News" not in read_one(tmp_path / "a.html", page).text
    assert "var" not in read_one(tmp_path / "a.html", page).text


def test_a_heading_is_apart_from_the_text_on_the_shortest_page(tmp_path: Path) -> None:
    article = read_one(
        tmp_path / "a.html", "<html><body><h1>Ferry</h1><p>It came back to the harbour.</p></body></html>"
    )
    assert article.text == "Ferry\n\nIt came back to the harbour."
    assert [(r.start, r.end, r.kind) for r in article.regions] == [(0, 5, Kind.TITLE)]


def test_text_without_tags_is_a_page_of_paragraphs(tmp_path: Path) -> None:
    article = read_one(tmp_path / "a.html", f"{FERRY}\n\n{ENGINE}\n")
    assert article.text == f"{FERRY}\n\n{ENGINE}"


# JSON lines


def test_each_line_is_an_article_and_a_bad_one_stops_nothing(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "c.jsonl",
        [
            {"_id": "a", "title": "Ferry", "text": FERRY, "url": "https://example.org", "author": "Jane Marsh"},
            "",
            {"id": 7, "text": ENGINE, "published": "March 2017", "publisher": "Harbour Post", "url": "file:///etc"},
            '{"_id": broken}',
            {"_id": "b", "text": 5},
            {"_id": "c", "text": "half a pair: \ud800"},
            {"_id": "a", "text": "again"},
            {"text": "no id"},
            ["no object"],
            "[" * 100_000,
            {"_id": "d", "text": "  "},
            {"_id": True, "text": "x"},
            {"_id": "e", "title": ["x"], "text": "x"},
            {"_id": "f"},
            {"_id": "last", "text": FERRY, "title": None},
            {"_id": "x" * 513, "text": FERRY},
        ],
    )
    articles, rejected = read(path)
    assert [a.reference.article_id for a in articles] == ["a", "7", "last"]
    assert articles[0].reference.source == f"{path.resolve()}#1"
    assert (articles[1].reference.published, articles[1].reference.url) == ("2017-03", None)
    reasons = {int(r.source.rpartition("#")[2]): (r.reason, r.failed) for r in rejected}
    assert reasons == {
        4: ("not valid JSON at column 9: Expecting value", True),
        5: ('"text" is not a string', True),
        6: ('"text" holds characters that are no text (NUL or half a surrogate pair)', True),
        7: ("line 7 has the id 'a' of line 1", True),
        8: ('no "_id" or "id"', True),
        9: ("not a JSON object", True),
        10: ("nested too deeply", True),
        11: ("no text", False),
        12: ('"id" is not a string', True),
        16: ('"id" has 513 characters, at most 512 are taken', True),
        13: ('"title" is not a string', True),
        14: ('no "text"', True),
    }


def test_a_record_may_say_date_and_list_its_authors(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "c.jsonl",
        [
            {"id": "a", "text": FERRY, "date": "3 May 1987", "author": ["Jane Marsh", "Tom Reed"], "new": {}},
            {"id": "b", "text": FERRY, "date": "2001", "published": "1987", "author": []},
            {"id": "e", "text": FERRY, "date": 1987},  # a key of somebody else, perhaps
            {"id": "c", "text": FERRY, "author": ["Jane Marsh", 5]},
            {"id": "d", "text": FERRY, "author": 5},
        ],
    )
    articles, rejected = read(path)
    assert [(a.reference.author, a.reference.published) for a in articles] == [
        ("Jane Marsh, Tom Reed", "1987-05-03"),
        (None, "1987"),
        (None, None),
    ]
    assert [r.reason for r in rejected] == ['"author" is not a string'] * 2


def test_a_mark_before_the_first_line_is_no_part_of_it(tmp_path: Path) -> None:
    assert read_one(tmp_path / "c.jsonl", codecs.BOM_UTF8 + b'{"_id": "a", "text": "x"}').text == "x"
    wide = reason_for(tmp_path / "d.jsonl", codecs.BOM_UTF16_LE + b"{\0}\0")
    assert wide == ("UTF-16; JSON lines must be UTF-8", True)


# Dates


@pytest.mark.parametrize(
    ("stated", "iso"),
    [
        ("2017", "2017"),
        ("2017-03", "2017-03"),
        ("2017-03-15", "2017-03-15"),
        ("2017/3/5", "2017-03-05"),
        ("2017-03-15T23:30:00.000-08:00", "2017-03-15"),
        ("2017-03-15 10:00:00+00:00", "2017-03-15"),
        ("March 15, 2017", "2017-03-15"),
        ("Mar. 15 2017", "2017-03-15"),
        ("Wednesday, 15th of March 2017", "2017-03-15"),
        ("Wed, 15 Mar 2017 10:00:00 GMT", "2017-03-15"),
        ("15-Mar-2017", "2017-03-15"),
        ("March 15, 2017 at 12:41 pm", "2017-03-15"),
        ("Sept 2017", "2017-09"),
        ("03/04/2017", None),
        ("31 February 2017", None),
        ("2017-13-01", None),
        ("yesterday", None),
        ("in March 2017", None),
        ("", None),
        ("2017-" * 50_000, None),
    ],
)
def test_dates_keep_the_precision_stated_and_are_never_guessed(stated: str, iso: str | None) -> None:
    assert iso_date(stated) == iso


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%b %d, %Y"]))
def test_a_date_written_out_comes_back(day: date, form: str) -> None:
    assert iso_date(day.strftime(form)) == day.isoformat()


# Anything at all

FRAGMENTS = st.sampled_from(
    b"""<p>|</div>|<table><td>|---\n|{"_id": "a", "text": "|"}\n|\r\n|\xef\xbb\xbf|\xff\xfe|&#xD800;|&#x1;"""
    b"""|<script type='application/ld+json'>[[]]</script>|<meta charset=hex>""".split(b"|")
)
WORDS = st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace"))


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=30) | FRAGMENTS | WORDS, max_size=12))
@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".jsonl"])
def test_any_bytes_give_articles_or_reasons(tmp_path: Path, suffix: str, parts: list[bytes]) -> None:
    file = tmp_path / f"any{suffix}"
    file.write_bytes(b"".join(parts))
    for found in read_articles([file], 1):
        if isinstance(found, Rejected):
            assert found.reason
        else:
            assert found.text.strip()
            found.text.encode("utf-8")
            assert all(0 <= r.start < r.end <= len(found.text) for r in found.regions)
