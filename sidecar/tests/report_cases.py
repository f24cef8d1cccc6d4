"""A pytest plugin that prints one line of JSON a test, for the runner that counts them with the others."""

import json


def pytest_runtest_logreport(report):
    if report.when == 'call' or report.outcome != 'passed':
        print(
            '\n@case '
            + json.dumps({'name': report.nodeid, 'outcome': report.outcome, 'text': report.longreprtext})
        )


def pytest_collectreport(report):
    if report.failed:
        print(
            '\n@case ' + json.dumps({'name': report.nodeid, 'outcome': 'failed', 'text': report.longreprtext})
        )
