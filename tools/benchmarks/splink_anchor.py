"""Links a table of people with Splink, as its documentation shows it: an anchor for tools/bench linkage.

usage: splink_anchor.py FILE.csv    (columns named by the attributes; unique_id first, customer last)
Prints records, precision, recall and F1 of the pairs and of the clusters at the match probability 0.95, and the seconds.
"""
import sys
import time

import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

start = time.time()
table = pd.read_csv(sys.argv[1], dtype=str).replace("", None)
names = [n for n in ("name", "givenName", "familyName", "birthDate", "gender", "officialCode", "phone", "email", "streetNumber",
                     "street", "premises", "locality", "postcode", "region", "address") if n in table.columns]
comparisons = []
for name in names:
    if name in ("name", "givenName", "familyName"):
        comparisons.append(cl.JaroWinklerAtThresholds(name, [0.9, 0.8]).configure(term_frequency_adjustments=True))
    elif name == "birthDate":
        comparisons.append(cl.DamerauLevenshteinAtThresholds(name, [1, 2]))
    elif name in ("street", "address", "locality", "premises"):
        comparisons.append(cl.JaroWinklerAtThresholds(name, [0.9]).configure(term_frequency_adjustments=name == "locality"))
    elif name in ("phone", "email", "officialCode", "postcode"):
        comparisons.append(cl.DamerauLevenshteinAtThresholds(name, [1]))
    else:
        comparisons.append(cl.ExactMatch(name))
keys = [("phone",), ("email",), ("officialCode",), ("name",), ("givenName", "familyName"), ("birthDate", "familyName"),
        ("birthDate", "givenName"), ("birthDate", "postcode"), ("street", "streetNumber"), ("familyName", "postcode"), ("address",)]
rules = [block_on(*k) for k in keys if all(n in names for n in k)]
settings = SettingsCreator(link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=rules)
linker = Linker(DuckDBAPI().register(table.drop(columns="customer")), settings)
sure = [block_on(*k) for k in [("givenName", "familyName", "birthDate"), ("name", "birthDate"), ("officialCode",)]
        if all(n in names for n in k)]
linker.training.estimate_probability_two_random_records_match(sure, recall=0.6)
linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
for k in [("givenName", "familyName"), ("name",), ("birthDate",)]:
    if all(n in names for n in k):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*k))
pairs = linker.inference.predict(threshold_match_probability=0.95)
clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=0.95)
customer = dict(zip(table.unique_id, table.customer))
sizes = table.groupby("customer").size()
true = int((sizes * (sizes - 1) // 2).sum())


def report(what, found, right):
    precision, recall = right / max(1, found), right / max(1, true)
    f1 = 2 * right / max(1, found + true)
    print(f"{what}: records {len(table)} precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f}")


frame = pairs.as_pandas_dataframe()
right = sum(customer[a] == customer[b] for a, b in zip(frame.unique_id_l, frame.unique_id_r))
report("pairs", len(frame), right)
groups = clusters.as_pandas_dataframe().groupby("cluster_id").unique_id.apply(list)
found = right = 0
for members in groups:
    for place, a in enumerate(members):
        for b in members[place + 1:]:
            found += 1
            right += customer[a] == customer[b]
report("clusters", found, right)
print(f"seconds {time.time() - start:.1f}")
