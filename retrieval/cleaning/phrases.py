"""Lines that belong to a page and not to its article: comments' frames, forms, widgets, photo credits.

Each recogniser takes one line. Only whole lines are recognised: a sentence
that mentions a form or a photograph is none.
"""

from __future__ import annotations

import re

from retrieval.texts.dates import has_time
from retrieval.texts.statements import LONGEST, PARTICLES, line_pattern, match_line

_BULLET = re.compile(r"[•*·‣-]\s+")
_COMMENT_BYLINE = line_pattern(r"(?P<name>[^:]{1,60}?)(?: on (?P<date>.{6,60}?))? (?:says|said|writes|wrote):?")
_COMMENT_BUTTON = line_pattern(
    r"(?:permalink|reply|reply to .{1,60}|log in to reply|report|edit|quote|like|#\d*|↓|↑)\W*",
)


def is_comment_date(line: str) -> bool:
    """Whether the line is a date with a time of day, as above a reader's comment."""
    return len(line) <= LONGEST and has_time(_BULLET.sub("", line, count=1))


def is_comment_byline(line: str) -> bool:
    """Whether the line opens a reader's comment: "Tom says:", "Tom on March 3, 2017 at 1:00 pm said"."""
    match = match_line(_COMMENT_BYLINE, _BULLET.sub("", line, count=1))
    if match is None or len(match["name"].split()) > 5:
        return False
    return match["date"] is None or has_time(match["date"])


def is_comment_button(line: str) -> bool:
    """Whether the line is a link or button of a reader's comment: "Permalink", "Reply"."""
    return match_line(_COMMENT_BUTTON, line) is not None


_FORMS = {
    "comment form": line_pattern(
        r"(?:leave|post|write|add) a (?:reply|comment|response)(?: to .{1,100})?(?: cancel reply)?[:.]?",
        r"cancel reply|post comment|comments are closed\.?|comments off",
        r"your email address will not be published\.?(?: required fields are marked ?\*?)?\.?",
        r"required fields are marked ?\*?\.?",
        r"save my name, email,? and website in this browser .{1,60}",
        r"notify me of (?:new|follow-?up) (?:posts|comments) by e-?mail\.?",
        r"you must be logged in to post a comment\.?",
    ),
    "spam filter's notice": line_pattern(
        r"this site uses akismet to reduce spam\.(?: learn how your comment data is processed\.?)?",
        r"learn how your comment data is processed\.?",
    ),
    "links to other articles": line_pattern(
        r"must read:?|read more:?|you may also like:?|related (?:posts|articles|stories):?",
        # One that ends as a sentence may be the author's: "See also: the treaty's second annex."
        r"(?:read (?:also|more|next)|(?:also read|see also|related)(?: (?:post|article|story))?): .{1,200}(?<!\.)",
    ),
    "buttons for sharing": line_pattern(
        r"share this(?: (?:article|story|post|page|piece)(?: (?:on|with|via) .{1,60})?)?[:.!]?",
        r"like this:?(?: like loading\.{3})?|like loading\.{3}|click to share on .{1,60}",
    ),
    "newsletter": line_pattern(
        r"(?:sign up|subscribe) (?:for|to) (?:our|the|my) (?:[\w-]+ ){0,4}newsletters?\b.{0,80}",
    ),
    "hidden e-mail address": line_pattern(r"\[email protected\]"),
}
# Longer than other furniture, and nothing but an HTML tag follows these words.
_ALLOWED_TAGS = re.compile(r"you may use these html tags and attributes:\s*<", re.IGNORECASE)
_WIDGET = line_pattern(
    r"share|tweet|print|facebook|twitter|whatsapp|linkedin|advertisement|back to top",
    r"name ?\*?|e-?mail ?\*?|website|comment ?\*|comments?|all rights reserved\.?",
    r"(?:copyright|©).{1,120}|(?:tags?|filed under|posted in|categories|category):.{1,200}",
    r"subscribe(?: to .{1,80})?|sign up for .{1,80}newsletter.{0,40}|(?:previous|next)(?: (?:post|article))?",
)
_SEPARATOR = re.compile(r"(?:[-*_=~•·—–#] ?){3,}")


def form(line: str) -> str | None:
    """What the line belongs to, where it can only come from a page's forms; ``None`` for any other line."""
    if _ALLOWED_TAGS.match(line):
        return "comment form"
    return next((reason for reason, pattern in _FORMS.items() if match_line(pattern, line)), None)


def is_widget(line: str) -> bool:
    """Whether the line is furniture if it stands below an article; in the midst of one it may be its own words."""
    return match_line(_WIDGET, line) is not None


def is_separator(line: str) -> bool:
    """Whether the line only separates what stands above from what stands below."""
    return match_line(_SEPARATOR, line) is not None


_CREDIT = re.compile(
    r"(?:^|(?<=[.!?”’\")\]])\s*)\(?"
    r"(?:(?:file |representational )?(?:photo(?:graph)?|image|picture)s?(?: credit| courtesy| by)?|credit)"
    r"\s*[:/]\s*(?P<credit>[^:]{2,100})$",
    re.IGNORECASE,
)
_CREDIT_CHARACTERS = re.compile(r"[\w.,'’/&()©@| -]+")
_CREDIT_PARTICLES = PARTICLES | {"via", "by", "of", "the"}
_LONGEST_CREDIT = 160  # characters, with the word "Photo" before it
_CREDIT_WORDS = 12


def credit_start(line: str) -> int | None:
    """Where the credit begins in a line that ends in "Photo: Tom Reed/Harbour Post"; ``None`` without one."""
    match = _CREDIT.search(line, max(0, len(line) - _LONGEST_CREDIT))
    if match is None:
        return None
    credit = match["credit"].strip()
    words = [word for word in re.split(r"[\s/|,&]+", credit.rstrip(".)")) if word]
    named = all(word.lower() in _CREDIT_PARTICLES or not word[0].islower() for word in words)
    if not _CREDIT_CHARACTERS.fullmatch(credit) or not 0 < len(words) <= _CREDIT_WORDS or not named:
        return None
    return match.start() + len(match[0]) - len(match[0].lstrip())


_SECTIONS = frozenset(
    {"opinion", "op-ed", "editorial", "editorials", "analysis", "news", "world", "politics", "business", "economy"}
    | {"sport", "sports", "culture", "technology", "science", "health", "features", "columns", "letters", "comment"}
    | {"blog", "blogs", "asia", "africa", "europe", "america", "international", "national"}
)
_CRUMBS = line_pattern(r"home ?[>»/›→|].{1,120}")
_SECTION_WORDS = 3


def is_section_name(line: str, title: str) -> bool:
    """Whether the line above a title names a section of the site: a usual one, or a word that the title has too."""
    words = line.lower().split()
    if match_line(_CRUMBS, line) or not 0 < len(words) <= _SECTION_WORDS:
        return match_line(_CRUMBS, line) is not None
    return words[0] in _SECTIONS or (len(words) == 1 and words[0] in re.findall(r"\w+", title.lower()))
