"""Every word that a picture or a slider shows: English where it is said, the other languages in `words/`.

`say("cosine")` is "cosine", or "余弦值" after `style.apply("zh")`: the English text is the key. A text that has no
translation is shown in English; a test lists those. Texts may hold {fields} for `say` to fill, and $mathtext$.
"""

import functools
import json
import re
from pathlib import Path

# A slider is named after the parameter that it moves.
SLIDERS = {
    "positions": "positions",
    "dim": "dimension d",
    "pair": "pair i",
    "base": "base",
    "k": "scale k",
    "train_len": "trained length L",
    "test_len": "test length L′",
    "apart": "tokens apart",
    "lag": "distance",
    "shift": "lag",
    "pos": "position m",
    "seed": "seed",
    "points": "points to fit",
    "ridge": "ridge",
    "eps": "noise ε",
    "noise": "kind of noise",
    "method": "method",
    "layer": "layer",
    "head": "head",
    "nats": "threshold",
    "data": "fine-tuned on",
    "rows": "past the last row",
    "strength": "position strength",
    "steps": "training steps",
    "shuffle": "shuffle",
    "table": "table",
    "mode": "past the end",
    "offset": "offset",
    "m": "m",
    "n": "n",
    "theta": "theta (rad/token)",
    "peak": "aimed at distance",
    "model": "model",
    "config": "your config.json",
    "spread": "spread of scores",
    "case": "case",
}


def _words(file):
    """English: Chinese, in one object for each notebook."""
    sections = json.loads((Path(__file__).parent / "words" / file).read_text(encoding="utf-8"))
    return {english: chinese for section in sections.values() for english, chinese in section.items()}


CHINESE = _words("zh.json")
SENTENCES = {"en": {}, "zh": _words("zh-sentences.json")}  # whole ones, for `said`; {} stands for anything

LANGUAGES = {"en": {}, "zh": CHINESE}
_language = "en"


def known(language):
    """`language` itself if there is one of that name; ValueError otherwise."""
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}; got language = {language!r}")
    return language


def use(language):
    """Speak `language` ("en" or "zh") from now on; pictures already built keep theirs."""
    global _language
    _language = known(language)


def language():
    """The language in use."""
    return _language


def say(text, **fields):
    """The English `text` in the language in use, its {fields} filled in.

    A text with no fields is returned as it stands, so that mathtext may hold braces.
    """
    text = LANGUAGES[_language].get(text, text)
    return text.format(**fields) if fields else text


def slider(parameter):
    """What a slider over this parameter is called; its own name, if it has no other."""
    return say(SLIDERS.get(parameter, parameter))


def said(sentence):
    """A finished English sentence in the language in use: what a checker says, or why a picture refuses.

    It is found by its shape: "got {}" fits any "got 7". What stands in a {} is looked up too. A sentence without a
    translation stays English; a test lists those of the checkers.
    """
    known = SENTENCES[_language]
    if sentence in known:
        return known[sentence]
    for shape, other in _shapes(_language):
        if found := shape.fullmatch(sentence):
            return other.format(*(said(part) for part in found.groups()))
    return sentence


@functools.cache
def _shapes(language):
    """Sentences with gaps as (pattern, the other language), those that say most first."""
    gaps = sorted((one for one in SENTENCES[language].items() if "{}" in one[0]), key=lambda one: -len(one[0].replace("{}", "")))
    return [(re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.S), other) for english, other in gaps]
