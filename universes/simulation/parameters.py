"""Every number of the price model; docs/simulated-market.md publishes the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

FIRST, LAST = date(2010, 1, 4), date(2026, 6, 30)

# Calendars that close in New York's hours: their sessions carry the American part of their own date.
AMERICAN = frozenset({"XNYS", "XTSE", "BVMF", "XSGO"})

# Expected simple return of a name a year, for each unit of market beta; there is no other source of reward.
MARKET_PREMIUM_A_YEAR = 0.07
ASIAN_SHARE_OF_VARIANCE = 0.4
OVERNIGHT_SHARE_OF_OWN_VARIANCE = 0.3

# Volatility a session, as a fraction. What comes out is some 5 % less, as the capped tails and the clusters take
# their part: the market has 16 % a year over the seeds 0 to 59, and 14.5 to 17.7 % in nine of ten of them.
MARKET_VOLATILITY = 0.0102
SECTOR_VOLATILITY = 0.0120
GROUP_VOLATILITY = 0.0150

# Student-t with these degrees of freedom; the common scale of a session is capped so that no draw is absurd.
FACTOR_DEGREES, OWN_DEGREES = 5, 4
MOST_SCALE = 4.0
# Relative variance of the next session: 1 - ARCH - GARCH + ARCH × (squared shock) + GARCH × (this session's).
FACTOR_ARCH, FACTOR_GARCH = 0.08, 0.88
OWN_ARCH, OWN_GARCH = 0.06, 0.92

PRICE_FLOOR = 0.005
CONSOLIDATE_BELOW, CONSOLIDATE_RATIO = 0.05, 0.1
SPLIT_ABOVE, SPLIT_RATIO = 200.0, 2.0

DEAL_SESSIONS, DEAL_SHARE_OF_VOLATILITY, DEAL_DRIFT = 40, 0.2, 0.0002
DEAL_PREMIUM_MOST = 0.02
COLLAPSE_SESSIONS, COLLAPSE_LOG = 60, -3.5

HALT_RATE, HALT_SESSIONS_MOST = 0.002, 5
QUIET_RATE = 0.004


@dataclass(frozen=True, slots=True)
class Standing:
    """What names of one standing have in common.

    Parameters
    ----------
    volatility : float
        Standard deviation of a session's return, before the float multiplier.
    market, sector, group : float
        Shares of that variance which the three kinds of factor make; the rest is the name's own.
    turnover : float
        Shares traded in an ordinary session, as a fraction of shares outstanding.
    lowest_start, highest_start : float
        Bounds of the first price, in dollars; drawn log-uniformly.
    shares : float
        Shares outstanding where the facts have no count.
    pays : bool
        Whether it pays a dividend each quarter.
    halts : bool
        Whether its trading is halted now and then.
    """

    volatility: float
    market: float
    sector: float
    group: float
    turnover: float
    lowest_start: float
    highest_start: float
    shares: float
    pays: bool = False
    halts: bool = False


# Producers of that size by common knowledge; the facts hold no market values. Every company of a role below is one too.
MAJORS = frozenset(
    {
        "albemarle", "alcoa", "cameco", "first-quantum", "freeport-mcmoran", "iluka-resources", "ivanhoe-mines",
        "lynas", "oz-minerals", "pls-group", "sibanye-stillwater", "southern-copper", "sqm",
    }
)  # fmt: skip
INDEX_FUNDS = frozenset({"spdr-sp-500"})
MAJOR_ROLES = frozenset({"diversified", "equipment", "engineering"})

STANDINGS = {
    "major": Standing(0.019, 0.31, 0.18, 0.14, 0.005, 20.0, 90.0, 5e8, pays=True),
    "mid": Standing(0.0335, 0.14, 0.16, 0.15, 0.008, 3.0, 30.0, 2e8),
    "junior": Standing(0.047, 0.12, 0.15, 0.14, 0.006, 0.2, 6.0, 1.5e8, halts=True),
    "index": Standing(0.0105, 0.97, 0.00, 0.00, 0.010, 100.0, 180.0, 1e9, pays=True),
    "fund": Standing(0.020, 0.30, 0.30, 0.00, 0.015, 15.0, 60.0, 5e7),
    "control": Standing(0.0128, 0.50, 0.00, 0.00, 0.004, 30.0, 90.0, 1e9, pays=True),
}


@dataclass(frozen=True, slots=True)
class Tightness:
    """What a free-float band changes: volatility, turnover, session range and planted effects, as multipliers."""

    volatility: float
    turnover: float
    range: float
    effect: float


TIGHTNESS = {
    "<25%": Tightness(1.25, 0.40, 1.4, 1.5),
    "25-50%": Tightness(1.15, 0.60, 1.2, 1.3),
    "50-75%": Tightness(1.05, 0.80, 1.1, 1.1),
    "75-90%": Tightness(1.00, 0.90, 1.0, 1.0),
    ">90%": Tightness(0.95, 1.00, 1.0, 0.9),
    "unknown": Tightness(1.00, 0.80, 1.1, 1.0),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """Effect of an event kind on a company with all its value in the event's minerals and a float of 75-90 %.

    Parameters
    ----------
    base : float
        Size of the jump, a log return; the sign comes from the event.
    fade_share : float
        Part of the jump that is given back.
    fade_sessions : int
        Sessions over which it is given back, evenly.
    """

    base: float
    fade_share: float
    fade_sessions: int


# A kind that is not here has no effect at all: a study must be able to say so.
EFFECTS = {
    "equity-stake": Planted(0.06, 0.25, 10),
    "export-control": Planted(0.04, 0.40, 15),
    "export-relaxation": Planted(0.03, 0.40, 15),
    "grant-loan": Planted(0.02, 0.50, 10),
    "offtake-price-floor": Planted(0.04, 0.30, 15),
    "tariff": Planted(0.015, 0.50, 10),
}
