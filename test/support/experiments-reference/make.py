"""Writes reference.json: what SciPy, statsmodels and GrowthBook's gbstats say about one small data set.

pip install scipy==1.17.1 statsmodels==0.15.0 gbstats==0.8.0 && python make.py
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest
from gbstats.models.statistics import SampleMeanStatistic
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower

rng = np.random.default_rng(20261124)
N = 400
arm = np.repeat([0, 1], N // 2)
before = rng.poisson(4, N)
lists = 1 + rng.poisson(3, N)
clicks = rng.poisson((0.4 + 0.15 * before + 0.3 * arm) * lists / 4)


def clustered_ratio(mask):
    """Mean over lists with standard errors clustered by person: the delta method by another road."""
    person = np.repeat(np.arange(mask.sum()), lists[mask])
    per_list = np.concatenate([np.r_[c, np.zeros(k - 1)] for c, k in zip(clicks[mask], lists[mask])])
    fit = sm.OLS(per_list, np.ones(len(per_list))).fit(
        cov_type="cluster", cov_kwds={"groups": person, "use_correction": False}
    )
    # CR0 divides by n, a sample variance by n - 1.
    n = mask.sum()
    return {"value": fit.params[0], "se": fit.bse[0] * np.sqrt(n / (n - 1))}


ancova = sm.OLS(clicks, sm.add_constant(pd.DataFrame({"arm": arm, "before": before}))).fit()
p_values = [0.001, 0.2, 0.03, 0.012, 0.04]


def sequence(n, diff, sd):
    """gbstats' always-valid interval of a difference of two means of n/2 people each."""
    half = n // 2
    stat = lambda mean: SampleMeanStatistic(n=half, sum=mean * half, sum_squares=(half - 1) * sd**2 + half * mean**2)
    config = SequentialConfig(alpha=0.05, difference_type="absolute", sequential_tuning_parameter=5000)
    return SequentialTwoSidedTTest(stat(1.0), stat(1.0 + diff), config).compute_result().ci


logged = {
    "reward": [1, 0, 0, 1, 0, 1, 0, 0],
    "propensity": [0.5, 0.25, 0.5, 0.2, 0.4, 0.5, 0.1, 0.8],
    "target": [0.6, 0.1, 0.25, 0.4, 0.4, 0.1, 0.3, 0.2],
}
weights = np.array(logged["target"]) / np.array(logged["propensity"])
snips = sm.stats.DescrStatsW(np.array(logged["reward"]), weights=weights)

reference = {
    "made with": {name: version(name) for name in ["numpy", "scipy", "statsmodels", "gbstats"]},
    "people": {"arm": arm.tolist(), "before": before.tolist(), "lists": lists.tolist(), "clicks": clicks.tolist()},
    "ratio": [clustered_ratio(arm == k) for k in (0, 1)],
    "mean": {
        "difference": clicks[arm == 1].mean() - clicks[arm == 0].mean(),
        "se": np.sqrt(sum(clicks[arm == k].var(ddof=1) / (N // 2) for k in (0, 1))),
    },
    "ancova": {"difference": ancova.params["arm"], "se": ancova.bse["arm"], "slope": ancova.params["before"]},
    "normal": [{"z": z, "p": 2 * stats.norm.sf(z), "quantile": stats.norm.ppf(1 - 0.05 / z)} for z in (0.5, 1, 2, 3.5)],
    "srm": [
        {"observed": o, "weights": w, "p": stats.chisquare(o, np.sum(o) * np.array(w)).pvalue}
        for o, w in [([510, 490], [0.5, 0.5]), ([51000, 49000], [0.5, 0.5]), ([300, 210, 490], [0.3, 0.2, 0.5])]
    ],
    "p values": p_values,
    "holm": multipletests(p_values, method="holm")[1].tolist(),
    "benjamini-hochberg": multipletests(p_values, method="fdr_bh")[1].tolist(),
    "power": {
        "effect size": 0.2,
        "people": NormalIndPower().solve_power(0.2, alpha=0.05, power=0.8, ratio=1.0, alternative="two-sided"),
        "power at 150": NormalIndPower().power(0.2, 150, 0.05, ratio=1.0, alternative="two-sided"),
    },
    "sequences": [{"n": n, "difference": d, "sd": s, "interval": sequence(n, d, s)} for n, d, s in
                  [(200, 0.1, 1.0), (5000, 0.05, 1.0), (100000, 0.01, 2.0)]],
    "logged": logged,
    "ips": float(np.mean(weights * np.array(logged["reward"]))),
    "snips": float(snips.mean),
    "effective sample size": float(weights.sum() ** 2 / (weights**2).sum()),
}
Path(__file__).with_name("reference.json").write_text(json.dumps(reference, default=float) + "\n")
