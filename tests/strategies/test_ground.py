"""Who may be traded, in which groups names fall, and when that changes."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
import worlds

from strategies.ground import eligible_members, ground, groups
from strategies.sizing import Limits
from universes.errors import BadParameter
from universes.facts import Asset, AssetMineral, Stage


def market():
    facts = worlds.ontology() | {
        "assets": (
            worlds.fact(Asset, asset="mine", company="aaa", name="Mine", jurisdiction="US", weight=1.0),
        ),
        "asset_minerals": (worlds.fact(AssetMineral, asset="mine", mineral="lithium", weight=1.0),),
        "stages": (
            worlds.fact(Stage, asset="mine", stage="pfs", start=date(2023, 1, 1)),
            worlds.fact(
                Stage, asset="mine", stage="construction", start=date(2024, 1, 1), known_from=date(2024, 1, 4)
            ),
        ),
    }
    return worlds.market({"AAA": worlds.bars([10] * 4), "BBB": worlds.bars([10] * 4)}, facts=facts)


def test_a_group_changes_on_the_day_the_fact_was_known():
    codes = groups(market())

    stage = codes[:, 0, 2].tolist()
    # Sessions 2, 3, 4 and 5 January; construction was known on the 4th.
    assert stage[0] == stage[1] != stage[2] == stage[3]
    assert len(set(codes[0, 0].tolist())) == 3
    assert (codes[:, 0, :2] == codes[0, 0, :2]).all()


def test_a_name_without_facts_is_in_no_group():
    assert (groups(market())[:, 1] == -1).all()


def test_groups_are_looked_up_only_where_a_cap_needs_them():
    table = pd.DataFrame(True, index=market().sessions, columns=["AAA", "BBB"])

    assert ground(market(), table, Limits(name=0.1)).groups is None
    assert ground(market(), table, Limits(stage=0.1)).groups is not None


def test_scores_of_another_market_are_refused_with_the_maker():
    table = pd.DataFrame(True, index=market().sessions, columns=["AAA", "BBB"])

    with pytest.raises(BadParameter, match=r"make it with screener.score_table\(market\)"):
        ground(market(), table, Limits(), scores=pd.DataFrame({"AAA": [1.0]}))


def test_controls_are_never_eligible():
    frames = {"AAA": worlds.bars([10] * 3), "SPY": worlds.bars([10] * 3)}
    given = worlds.market(frames, controls=["SPY"])
    wish = pd.DataFrame(True, index=given.sessions, columns=["AAA", "SPY"])

    assert eligible_members(wish, given).to_numpy().tolist() == np.array([[True, False]] * 3).tolist()
