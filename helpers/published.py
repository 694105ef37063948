"""Numbers that others published, typed once, each table with its source.

Every number here carries the mark **published** wherever it is shown. None was read off a picture.
In `rows`, None means that the source gives no number, and infinity that it says only "more than 1000".

Taught in notebooks 04, 05 and 07.
"""

import math
from dataclasses import dataclass
from types import MappingProxyType

MORE_THAN_1000 = math.inf  # printed as "> 10³" in the source


@dataclass(frozen=True)
class Table:
    """One published table.

    source, year, table: where it stands. setting: model, data and metric, in words. across: what `columns` counts.
    columns: (n,) headings. rows: name -> (n,) numbers, None where there is none. better: "lower" or "higher".
    read: where whoever typed the numbers read them: the source itself, a copy of it, or what others quote of it.
    """

    source: str
    year: int
    table: str
    setting: str
    across: str
    columns: tuple
    rows: MappingProxyType
    better: str
    read: str

    def __post_init__(self):
        object.__setattr__(self, "rows", MappingProxyType(dict(self.rows)))
        for name, row in self.rows.items():
            if len(row) != len(self.columns):
                raise ValueError(f"rows[{name!r}] must have {len(self.columns)} entries; got {len(row)}")

    def value(self, row, column):
        """The number in this row and column. ValueError for a row or column that the table does not have."""
        if row not in self.rows:
            raise ValueError(f"row must be one of {', '.join(self.rows)}; got row = {row!r}")
        if column not in self.columns:
            raise ValueError(f"column must be one of {', '.join(map(str, self.columns))}; got column = {column!r}")
        return self.rows[row][self.columns.index(column)]


# --- Position Interpolation (notebook 04) -----------------------------------------------------------------

_PI = "Chen et al., arXiv 2306.15595"
_FULL_TEXT = "the full text, in a copy of the arXiv page"
_THREAD = "the thread itself"

PI_TABLE_1 = Table(
    _PI, 2023, "Table 1", "LLaMA-7B, trained at 2048 tokens; PG19; perplexity", "evaluated at (tokens)",
    (2048, 4096, 8192, 16384, 32768),
    {
        "direct": (7.20, MORE_THAN_1000, MORE_THAN_1000, MORE_THAN_1000, MORE_THAN_1000),
        "fine-tuned 8192": (7.21, 7.34, 7.69, None, None),
        "PI 8192": (7.13, 6.96, 6.95, None, None),
        "PI 16384": (7.11, 6.93, 6.82, 6.83, None),
        "PI 32768": (7.23, 7.04, 6.91, 6.80, 6.77),
    },
    "lower",
    _FULL_TEXT,
)  # fmt: skip

PI_TABLE_3 = Table(
    _PI, 2023, "Table 3", "LLaMA-7B with PI, evaluated at the stretched length; PG19; perplexity", "fine-tuning steps",
    (0, 200, 400, 600, 800, 1000),
    {
        "PI 8192": (16.10, 7.12, 7.10, 7.02, 6.99, 6.95),
        "PI 16384": (112.13, 7.05, 6.93, 6.88, 6.84, 6.83),
    },
    "lower",
    _FULL_TEXT,
)  # fmt: skip

PI_TABLE_4 = Table(
    _PI, 2023, "Table 4", "LLaMA-7B; passkey retrieval; k_max, the distance reached with 20 % success (tokens)",
    "fine-tuning steps", (200, 400, 600, 800, 1000, 10_000),
    {
        "fine-tuned 8192": (1792, 2048, 2048, 2048, 2304, 2560),
        "PI 8192": (8192, 8192, 8192, 8192, 8192, None),
        "PI 16384": (16384, 16384, 16384, 16384, 16384, None),
        "PI 32768": (32768, 32768, 18432, 32768, 32768, None),
    },
    "higher",
    _FULL_TEXT,
)  # fmt: skip

# --- Su's test at k = 8 (notebooks 04 and 05) -------------------------------------------------------------

SU_K8 = Table(
    "Su, kexue.fm 9675 and 9706", 2023, "tables of results",
    "GAU, about 100 million parameters, trained at 512 tokens, no fine-tuning, k = 8; next-token accuracy (%). "
    '"log n": trained with scores scaled by ln n; "log n, added": max(1, ln n / ln 512) put in after training',
    "evaluated at (tokens)", ("512", "4096 repeated", "4096 not repeated"),
    {
        "direct": (49.41, 24.17, 23.16),
        "direct, log n": (49.40, 24.60, 24.02),
        "PI": (49.41, 15.04, 13.54),
        "PI, log n": (49.40, 14.99, 16.51),
        "old = base · k": (49.41, 51.28, 39.27),
        "old, log n": (49.40, 61.71, 43.75),
        "fixed": (49.41, 51.86, 39.61),
        "fixed, log n": (49.40, 62.85, 44.14),
        "fixed, log n added": (49.41, 55.94, 41.11),
        "mixed": (49.41, 53.09, 40.12),
        "mixed, log n": (49.40, 68.91, 45.41),
        "mixed, log n added": (49.41, 59.11, 42.38),
    },
    "higher",
    "the Chinese post 9706, in a copy of it",
)  # fmt: skip

# --- NTK-aware scaling and after (notebook 05) ------------------------------------------------------------

TULU_30B = Table(
    "exllama, pull request 118", 2023, "table in the pull request", "Tulu-30B, no fine-tuning; perplexity",
    "evaluated at (tokens)", (2048, 8192),
    {
        "direct": (5.2153, None),
        "PI, k = 4": (None, 10.0813),
        "NTK-aware, alpha = 4": (None, 5.3534),
    },
    "lower",
    _THREAD,
)  # fmt: skip

YARN_TABLE_1 = Table(
    "Peng et al., arXiv 2309.00071", 2023, "Table 1", "Llama-2-7B, fine-tuned to 8192 tokens; Proof-pile; perplexity",
    "evaluated at (tokens)", (2048, 4096, 6144, 8192, 10240),
    {
        "PI": (3.92, 3.51, 3.51, 3.34, 8.07),
        "NTK-aware": (4.20, 3.75, 3.74, 3.59, 6.24),
        "YaRN": (3.91, 3.50, 3.51, 3.35, 6.04),
    },
    "lower",
    "secondary notes, three of them, that agree",
)  # fmt: skip

LONGROPE = Table(
    "Ding et al., arXiv 2402.13753", 2024, "zero-shot results, as quoted in secondary notes",
    "Llama-2-7B, no fine-tuning; perplexity", "data and length (tokens)",
    ("PG19 8192", "PG19 16384", "Proof-pile 8192", "Proof-pile 16384"),
    {
        "PI": (10.65, 20.49, 3.65, 4.93),
        "dynamic NTK": (10.21, 23.29, 3.50, 3.87),
        "YaRN": (32.64, 87.89, 3.49, 3.25),
        "searched": (9.37, 11.34, 3.45, 3.13),
    },
    "lower",
    "secondary notes",
)  # fmt: skip

REACH_LLAMA = Table(
    "text-generation-webui, pull request 3149", 2023, "discussion", "LLaMA, trained at 2048 tokens, NTK-aware, no "
    "fine-tuning; suggested length, for 16 and 32 with a question mark (tokens)", "alpha (our k)",
    (2, 4, 8, 16, 32), {"suggested": (3400, 6200, 8800, 13_000, 20_000)}, "higher",
    _THREAD,
)  # fmt: skip

REACH_LLAMA_2 = Table(
    "exllama, issue 158", 2023, "discussion", "Llama 2, trained at 4096 tokens, NTK-aware, no fine-tuning; works "
    '"until" this length (tokens)', "alpha (our k)", (2,), {"reported": (6800,)}, "higher",
    _THREAD,
)  # fmt: skip

SCALE_LLAMA_2 = Table(
    "sonar, pull request 101", 2023, "discussion", "Llama 2, trained at 4096 tokens, NTK-aware, no fine-tuning; alpha that "
    'works, "around"', "wanted length (tokens)", (8192,), {"reported": (2.6,)}, "lower",
    _THREAD,
)  # fmt: skip
