"""Random YAML texts in every layout that a writer may choose, for laws about formatting."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = (
    "a",
    "depth",
    "no",
    "on",
    "null",
    "1",
    "1e-4",
    "2...5",
    "x y",
    "- a",
    "a: b",
    "#no",
    "é",
    "",
)
COMMENTS = ("# c", "#x", "#!", "# a: b, [c]", "# 'q\"")


@st.composite
def scalars(draw: st.DrawFn, flow: bool) -> str:
    """A scalar on one line, quoted in one of three ways."""
    word = draw(st.sampled_from(WORDS))
    plain = word and word not in ("- a", "a: b", "#no", "")
    style = draw(st.sampled_from(("plain", "single", "double")))
    if style == "plain" and plain:
        return word
    return f"'{word}'" if style == "single" else f'"{word}"'


@st.composite
def flows(draw: st.DrawFn, depth: int = 2) -> str:
    """A mapping in braces or a list in brackets, perhaps over several lines, with comments."""
    entries = draw(st.lists(_flow_values(depth), max_size=3))
    mapping = draw(st.booleans())
    glue = draw(st.sampled_from((", ", ",", ",\n                  ", " , # c\n                  ")))
    opening = draw(st.sampled_from(("", " ", "\n                  ", " # o\n                  ")))
    end = draw(st.sampled_from(("", " ", ",", " # e\n                  "))) if entries else ""
    if not mapping:
        return f"[{opening}{glue.join(entries)}{end}]"
    pairs = [f"k{n}: {value}" if value else f"k{n}" for n, value in enumerate(entries)]
    return f"{{{opening}{glue.join(pairs)}{end}}}"


def _flow_values(depth: int) -> st.SearchStrategy[str]:
    return scalars(True) | flows(depth - 1) if depth else scalars(True)


@st.composite
def block_scalars(draw: st.DrawFn, indent: int) -> str:
    """A `|` or `>` with its lines, which are indented deeper than `indent`."""
    style = draw(st.sampled_from("|>"))
    end = draw(st.sampled_from(("", "-", "+")))
    deep = draw(st.integers(1, 3))
    rows = draw(
        st.lists(st.sampled_from(("text", "  more", "# no comment", "", "x: y")), max_size=4)
    )
    number = str(deep) if rows and rows[0].startswith(" ") else ""
    if rows and not rows[0] and any(r.startswith(" ") for r in rows):
        number = str(deep)
    room = " " * (indent + deep)
    body = "".join(f"{room}{row}\n" if row else "\n" for row in rows)
    note = draw(st.sampled_from(("", " # header")))
    return f"{style}{number}{end}{note}\n{body}"


@st.composite
def blocks(draw: st.DrawFn, indent: int = 0, depth: int = 3) -> str:
    """A block mapping or list at a column, with its last line break."""
    mapping = draw(st.booleans()) or indent == 0
    out: list[str] = []
    for number in range(draw(st.integers(1, 3))):
        out += draw(st.lists(_above(indent), max_size=2))
        head = f"k{number}:" if mapping else "-"
        out.append(" " * indent + draw(_entry(head, indent, depth, mapping)))
    out += draw(st.lists(_above(indent), max_size=1))
    return "".join(out)


def _above(indent: int) -> st.SearchStrategy[str]:
    deeper = st.integers(0, 3).map(lambda n: " " * (indent + n))
    comment = st.tuples(deeper, st.sampled_from(COMMENTS)).map(lambda p: f"{p[0]}{p[1]}\n")
    return comment | st.just("\n") | st.just("  \n")


@st.composite
def _entry(draw: st.DrawFn, head: str, indent: int, depth: int, mapping: bool) -> str:
    note = draw(st.sampled_from(("", "", " # n", "   #n")))
    kinds = ("scalar", "flow", "null", "text", "lines") + (("block", "block") if depth else ())
    match draw(st.sampled_from(kinds)):
        case "scalar":
            return f"{head} {draw(st.sampled_from(('', '  ')))}{draw(scalars(False))}{note}\n"
        case "flow":
            return f"{head} {draw(flows())}{note}\n"
        case "null":
            return f"{head}{note}\n"
        case "text":
            return f"{head} {draw(block_scalars(indent))}"
        case "lines":
            quote = draw(st.sampled_from(("", "'", '"')))
            room = " " * (indent + draw(st.integers(1, 4)))
            gap = draw(st.sampled_from(("", "\n")))
            return f"{head} {quote}one\n{gap}{room}two{quote}{note}\n"
        case _:
            deeper = indent + draw(st.integers(1, 4))
            anchor = draw(st.sampled_from(("", "", f" &a{indent}")))
            below = draw(blocks(deeper, depth - 1))
            return f"{head}{anchor}{note}\n{below}"
