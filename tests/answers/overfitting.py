"""Published numbers of the choice among many strategies."""

# The R package pbo (M. Barry), tests/test_pbo_function.R: with set.seed(852), 200 rows of 40 normal returns drawn by
# row, four blocks, and (mean − 0.03/252) / deviation as measure, its test wants a probability between 0.49 and 0.51
# over 6 splits.
R_SEED, R_PERIODS, R_SETS, R_BLOCKS, R_RISKLESS = 852, 200, 40, 4, 0.03 / 252
R_PROBABILITY, R_SPLITS = 0.5, 6

# Harvey and Liu (2015), Backtesting, Journal of Portfolio Management 42(1), the example of Bonferroni's correction: a
# yearly Sharpe ratio of 0.75 over 20 years of months has p = 0.0008; with 200 tests p = 0.15, a ratio of 0.32, and a
# haircut of 60 %. Rounded as printed there.
YEARLY, MONTHS, TESTS = 0.75, 240, 200
P, ADJUSTED_P, ADJUSTED, SHARE = 0.0008, 0.15, 0.32, 0.6
