"""What choosing the best of many sets is worth as evidence, from what every set earned in every episode."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from strategies.data_snooping import SuperiorAbility, superior_ability
from strategies.overfitting import BLOCKS, Overfitting, probability_of_overfitting

if TYPE_CHECKING:
    from strategies.episode_returns import EpisodeReturns

# Beyond this the splits of 16 blocks take minutes; ten blocks have 252.
MANY_SETS, FEWER_BLOCKS = 500, 10
MOST_SETS = 5_000


@dataclass(frozen=True, eq=False)
class ChoiceEvidence:
    """Two looks at a choice among P sets over K episodes.

    Parameters
    ----------
    overfitting : Overfitting
        How often the best of one half of the episodes ranks low on the other.
    ability : SuperiorAbility
        Whether any set beats cash once all are allowed for.
    """

    overfitting: Overfitting
    ability: SuperiorAbility

    def as_dict(self) -> dict[str, Any]:
        """Both as plain data, without the logits of the splits."""
        counted = {key: value for key, value in vars(self.overfitting).items() if key != "logits"}
        return {"overfitting": counted, "superior_ability": asdict(self.ability)}

    def __str__(self) -> str:
        return f"{_overfitting(self.overfitting)} {_ability(self.ability)}"


def choice_evidence(found: EpisodeReturns, *, seed: int = 0) -> ChoiceEvidence:
    """Probability of overfitting, and superior ability, of the sets of a sweep.

    Parameters
    ----------
    found : EpisodeReturns
        P sets in K episodes. An episode in which a set closed no trade counts as cash, a return of zero, where sets are
        held against cash, and is left out where they are ranked.
    seed : int
        Of the bootstrap and of the range without skill.
    """
    returns = found.mean.T
    sets = returns.shape[1]
    if sets > MOST_SETS:
        reason = f"{sets:,} sets: the evidence of a choice is counted up to {MOST_SETS:,}"
        return ChoiceEvidence(
            Overfitting(sets=sets, reason=reason), SuperiorAbility(sets=sets, reason=reason)
        )
    blocks = FEWER_BLOCKS if sets > MANY_SETS else BLOCKS
    return ChoiceEvidence(
        probability_of_overfitting(returns, blocks=blocks, measure="mean", seed=seed),
        # Episodes are independent as far as they can be made so: blocks of one.
        superior_ability(np.nan_to_num(returns), block=1, seed=seed),
    )


def _overfitting(found: Overfitting) -> str:
    if found.probability is None:
        return f"Probability of backtest overfitting (PBO): n/a ({found.reason})."
    span = (
        ""
        if found.low is None or found.high is None
        else f"; without any skill it lies between {_per_cent(found.low)} and {_per_cent(found.high)}"
    )
    return (
        "The best of half of the episodes ranks in the lower half of the others in "
        f"{_per_cent(found.probability)} of {found.splits:,} splits (probability of backtest overfitting, PBO){span}."
    )


def _per_cent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _ability(found: SuperiorAbility) -> str:
    if found.consistent is None:
        return f"Superior ability: n/a ({found.reason})."
    count = len(found.better)
    better = "no set is" if not count else "one set is" if count == 1 else f"{count:,} sets are"
    return (
        f"With {found.sets:,} sets tried, chance alone gives a best one as good in {100 * found.consistent:.0f} of 100 "
        f"cases; {better} better than cash once all are allowed for."
    )
