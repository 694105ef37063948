"""Published numbers, typed a second time and compared; and tables that cannot hold a ragged row."""

import math

import pytest

from helpers import published

TYPED_AGAIN = {
    "PI_TABLE_1": """
        direct 7.20 > > > >
        fine-tuned_8192 7.21 7.34 7.69 - -
        PI_8192 7.13 6.96 6.95 - -
        PI_16384 7.11 6.93 6.82 6.83 -
        PI_32768 7.23 7.04 6.91 6.80 6.77""",
    "PI_TABLE_3": """
        PI_8192 16.10 7.12 7.10 7.02 6.99 6.95
        PI_16384 112.13 7.05 6.93 6.88 6.84 6.83""",
    "PI_TABLE_4": """
        fine-tuned_8192 1792 2048 2048 2048 2304 2560
        PI_8192 8192 8192 8192 8192 8192 -
        PI_16384 16384 16384 16384 16384 16384 -
        PI_32768 32768 32768 18432 32768 32768 -""",
    "SU_K8": """
        direct 49.41 24.17 23.16
        direct,_log_n 49.40 24.60 24.02
        PI 49.41 15.04 13.54
        PI,_log_n 49.40 14.99 16.51
        old_=_base_·_k 49.41 51.28 39.27
        old,_log_n 49.40 61.71 43.75
        fixed 49.41 51.86 39.61
        fixed,_log_n 49.40 62.85 44.14
        fixed,_log_n_added 49.41 55.94 41.11
        mixed 49.41 53.09 40.12
        mixed,_log_n 49.40 68.91 45.41
        mixed,_log_n_added 49.41 59.11 42.38""",
    "TULU_30B": """
        direct 5.2153 -
        PI,_k_=_4 - 10.0813
        NTK-aware,_alpha_=_4 - 5.3534""",
    "YARN_TABLE_1": """
        PI 3.92 3.51 3.51 3.34 8.07
        NTK-aware 4.20 3.75 3.74 3.59 6.24
        YaRN 3.91 3.50 3.51 3.35 6.04""",
    "LONGROPE": """
        PI 10.65 20.49 3.65 4.93
        dynamic_NTK 10.21 23.29 3.50 3.87
        YaRN 32.64 87.89 3.49 3.25
        searched 9.37 11.34 3.45 3.13""",
    "REACH_LLAMA": """
        suggested 3400 6200 8800 13000 20000""",
    "REACH_LLAMA_2": """
        reported 6800""",
    "SCALE_LLAMA_2": """
        reported 2.6""",
}


@pytest.mark.parametrize("name", TYPED_AGAIN)
def test_typed_twice(name):
    rows = {}
    for line in TYPED_AGAIN[name].split("\n")[1:]:
        row, *numbers = line.split()
        rows[row.replace("_", " ")] = tuple(
            None if number == "-" else math.inf if number == ">" else float(number) for number in numbers
        )
    assert dict(getattr(published, name).rows) == rows


def test_every_table_says_where_it_stands():
    tables = [value for value in vars(published).values() if isinstance(value, published.Table)]
    assert len(tables) >= len(TYPED_AGAIN)
    for table in tables:
        assert table.source and table.table and table.setting and table.across and table.year >= 2017
        assert table.better in ("lower", "higher")
        assert table.read.split()[0] in ("the", "secondary")


def test_value():
    assert published.PI_TABLE_3.value("PI 8192", 0) == 16.10
    assert published.SU_K8.value("PI", "4096 repeated") == 15.04
    with pytest.raises(ValueError, match="row must be one of direct"):
        published.PI_TABLE_1.value("NTK", 2048)
    with pytest.raises(ValueError, match="column must be one of 2048"):
        published.PI_TABLE_1.value("direct", 3000)


def test_a_ragged_row_is_refused():
    with pytest.raises(ValueError, match="must have 2 entries; got 1"):
        published.Table("s", 2023, "t", "m", "a", (1, 2), {"r": (1.0,)}, "lower", "the source")
