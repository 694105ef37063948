"""The picture of notebook 09: when and where a bug shows."""

import functools

import numpy as np

from helpers import bugs, style, valid
from helpers.figures import Picture, count_in_doublings, ticks
from helpers.labels import say

LENGTHS = 2 ** np.arange(5, 18)


class Fingerprint(Picture):
    """One bug of `bugs.CASES`: its worst error of a score by the length of the text (a), and its scores by distance (b).

    Scores of the last query with every key, all components of both equal; 1 is the most that a right one can be. Only
    some distances are computed, the near ones all. case: 1 to 15, in the order of the notebook.
    """

    size = (12.2, 4.5)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.0, 1.25))
        self.worst = self.add_axes((0.14, 0.15, 0.815, 0.7), left, xscale="log", xlim=(28, 2**17 * 1.15), ylim=(-0.04, 1.3),
                                   xlabel=say("length of the text (tokens)"), ylabel=say("worst error of a score"))  # fmt: skip
        ticks(self.worst.xaxis, [32, 256, 2048, 16384, 131072], ["32", "256", "2,048", "16k", "131k"])
        self.scores = self.add_axes((0.11, 0.15, 0.865, 0.7), right, xscale="log", ylim=(-0.75, 2.0),
                                    xlabel=say("distance + 1 (tokens)"), ylabel=say("score"))  # fmt: skip
        count_in_doublings(self.scores, "x")
        self.worst.text(0, 1.05, "(a)", transform=self.worst.transAxes)

    def move(self, *, test_len=4096, case=1):
        bug = bugs.CASES[valid.integer("case", case, 1, len(bugs.CASES)) - 1]
        self.line("trained", self.worst, [bug.trained] * 2, [-1, 2], color=style.MUTED, linestyle=style.DASHES[3], linewidth=1.6)
        self.text("trained length", self.worst, bug.trained * 1.2, 1.2, say("trained length"), color=style.MUTED)
        errors = [error(case, int(length)) for length in LENGTHS]
        self.line("worst", self.worst, LENGTHS, errors, "o", color=style.UNSEEN, linestyle="-", linewidth=2.5, markersize=6)
        distance, right, faulty = curves(case, int(test_len))
        self.line("here", self.worst, [test_len], [np.abs(faulty - right).max()], "o", color=style.INK, markersize=12,
                  markerfacecolor="none", markeredgewidth=2.2)  # fmt: skip
        self.limits(self.scores, x=(0.9, test_len * (1.1 if test_len < 2**14 else 1.5)))  # room for the last number
        self.line("right", self.scores, distance + 1, right, color=style.SEEN, linewidth=4, alpha=0.5, label=say("as it should be"))
        self.line("faulty", self.scores, distance + 1, faulty, color=style.UNSEEN, linewidth=2, linestyle=style.DASHES[1],
                  label=say("as it is now"))  # fmt: skip
        self.text("name", self.scores, 0, 1.05, f"(b) {bug.name}", transform=self.scores.transAxes, family="monospace")
        self.legend(self.scores)
        off = np.abs(faulty - right)
        far = off.argmax()
        words = say("Here every score is as it should be.") if off[far] < 0.005 else say(
            "The score at distance 0 is {zero:.2f} and should be {one:.2f}; at distance {far:,}, where it is farthest off, it is {faulty:.2f} and should be {right:.2f}.",
            zero=faulty[0], one=right[0], far=distance[far], faulty=faulty[far], right=right[far],
        ).replace("-", "−")  # fmt: skip
        self.tell(
            say("Case {case}, {name}: trained on {trained:,} tokens, shown in a text of {length:,}.",
                case=case, name=bug.name, trained=bug.trained, length=int(test_len)),
            say("Worst error of a score: {shortest:.2f} in texts of {low} tokens, {middle:.2f} at the trained length, {longest:.2f} at {high:,}, {here:.2f} in this text.",
                shortest=errors[0], low=LENGTHS[0], middle=error(case, bug.trained), longest=errors[-1], high=LENGTHS[-1],
                here=off[far]),
            words,
        )  # fmt: skip


@functools.lru_cache(maxsize=512)
def curves(case, length):
    """Distances (n,), and the scores there, mended and faulty, of the last query of a text of so many tokens."""
    distance = np.unique(np.concatenate([np.arange(min(length, 48)), np.geomspace(1, length, 160).astype(int) - 1]))
    pos, bug = length - 1 - distance[::-1], bugs.CASES[case - 1]
    return distance, bug.scores(bug.mended, pos)[::-1], bug.scores(bug.broken, pos)[::-1]


def error(case, length):
    """The largest difference between those scores."""
    _, right, faulty = curves(case, length)
    return float(np.abs(faulty - right).max())
