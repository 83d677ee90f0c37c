"""Published numbers of corrections for several tests."""

# Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57(1), section 3.2: fifteen p values of a
# trial of thrombolysis. At 5 % their procedure rejects the first four hypotheses, Bonferroni's the first three.
THROMBOLYSIS = (
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
    1.0000,
)  # fmt: skip
REJECTED_BY_RATE, REJECTED_BY_BONFERRONI = 4, 3
