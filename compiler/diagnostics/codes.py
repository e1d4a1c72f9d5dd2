"""Every code of a diagnostic and its title, one line each, sorted; `pages/` has a page for each."""

from __future__ import annotations

CODES: dict[str, str] = {
    "OFC001": "the file cannot be read",
    "OFC002": "the file is not UTF-8",
    "OFC003": "the file is too large",
    "OFC004": "the file is not YAML",
    "OFC005": "a tab stands where YAML wants spaces",
    "OFC006": "a key stands twice in one mapping",
    "OFC007": "a YAML tag is used",
    "OFC008": "the file is nested too deep",
    "OFC009": "aliases expand to too much",
    "OFC010": "the file is empty",
    "OFC011": "the file holds several documents",
    "OFC012": "a key is not a string",
    "OFC101": "unknown key",
    "OFC102": "missing key",
    "OFC103": "a value has the wrong type",
    "OFC104": "a value is out of bounds",
    "OFC105": "unknown word",
    "OFC106": "a key has no value",
    "OFC107": "keys of one block contradict each other",
    "OFC320": "unknown algorithm",
    "OFC321": "the algorithm does not report this metric",
    "OFC322": "the algorithm does not read this parameter",
    "OFC323": "nothing sets an argument that the algorithm needs",
    "OFC324": "the algorithm does not know this choice",
    "OFC325": "the type does not fit the algorithm's argument",
    "OFC326": "an argument is both fixed and searched",
    "OFC327": "the algorithm's models do not convert to what the device runs",
    "OFC328": "the objective goes against what the metric means",
    "OFC330": "unknown strategy",
    "OFC331": "an option that the strategy cannot take",
    "OFC401": "not on this target",
    "OFC501": "nothing bounds the search",
    "OFC502": "GPU-hours without a GPU",
    "OFC504": "a device is measured with more threads than a trial has cores",
    "OFC505": "the cold start cannot be that fast from zero servers",
    "OFC506": "fewer servers at most than at least",
    "OFC601": "the lock does not fit the spec",
    "OFC602": "the output folder holds what was not written here",
    "OFC603": "the lock cannot be read",
    "OFC701": "a file cannot be written",
    "OFC702": "a file exists already",
}


def title(code: str) -> str:
    """What a code is about, in one line; the code itself where it is not known."""
    return CODES.get(code, code)
