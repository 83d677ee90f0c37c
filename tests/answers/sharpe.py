"""Published numbers of Sharpe-ratio statistics."""

# Bailey and López de Prado (2012), The Sharpe ratio efficient frontier, Journal of Risk 15(2), the example of section
# "Sharpe ratio point estimate and PSR": 24 monthly returns with ratio 0.458, skewness -2.448, kurtosis 10.164.
# PSR(0) is 0.982 if they were normal and 0.913 as they are.
MONTHLY = {"count": 24, "sharpe": 0.458, "skewness": -2.448, "kurtosis": 10.164}
PSR, PSR_IF_NORMAL = 0.913, 0.982

# López de Prado, Lipton and Zoonekynd (2025), SSRN 5520741: the same data by the convention of the null.
PSR_2025 = 0.987

# Bailey and López de Prado (2014), The deflated Sharpe ratio, JPM 40(5), section "A numerical example": yearly ratio
# 2.5 over 1,250 daily returns (250 a year), skewness -3, kurtosis 10; 100 trials whose yearly ratios have variance 1/2.
DAILY = {"count": 1250, "sharpe": 2.5 / 250**0.5, "skewness": -3.0, "kurtosis": 10.0}
TRIALS, DEVIATION = 100, (0.5 / 250) ** 0.5
EXPECTED_MAXIMUM, DSR = 0.1132, 0.9004
# The same example by the convention of 2025, as the library ml4t-diagnostic prints it.
DSR_2025 = 0.9992

# Bailey and López de Prado (2012), section on the minimum track record: years until a yearly ratio of 2 is above 1 with
# 95 % confidence, by frequency, and monthly with skewness -0.72 and kurtosis 5.78.
TRACK_RECORDS = (
    (250, 0.0, 3.0, 2.73),
    (52, 0.0, 3.0, 2.83),
    (12, 0.0, 3.0, 3.24),
    (12, -0.72, 5.78, 4.99),
)

# Bailey, Borwein, López de Prado and Zhu (2014), Notices of the AMS 61(5): with five years of data no more than 45
# independent configurations should be tried, or one of ratio 1 is all but sure to be found.
CONFIGURATIONS, YEARS = 45, 5.0
