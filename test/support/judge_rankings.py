"""Judges rankings by trec_eval (pytrec_eval): JSON {k, rankings, targets} on stdin, metrics a question on stdout."""

import json
import sys

import pytrec_eval

asked = json.load(sys.stdin)
k = asked['k']
measures = {f'recall.{k}', f'ndcg_cut.{k}', f'success.{k}', 'recip_rank'}
wanted = {str(n): {str(item): 1 for item in items} for n, items in enumerate(asked['targets'])}
# trec_eval orders by score: a place further up has a higher one.
run = {
    str(n): {str(item): float(len(items) - place) for place, item in enumerate(items)}
    for n, items in enumerate(asked['rankings'])
}
judged = pytrec_eval.RelevanceEvaluator(wanted, measures).evaluate(run)
json.dump([judged[str(n)] for n in range(len(asked['rankings']))], sys.stdout)
