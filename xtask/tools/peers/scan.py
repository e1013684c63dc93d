"""Lets one scanner judge each file of a list and prints what it said: a JSON line for each file.

Called as `scan.py SCANNER LIST`, in the environment of that scanner; LIST has a path on each line. The verdicts are
`found`, `clean`, `unsure` (the scanner itself says that it cannot tell, or passes over the file) and `error`.
"""

import json
import logging
import os
import sys
import warnings


def picklescan(path):
    from picklescan.scanner import SafetyLevel, scan_file_path

    result = scan_file_path(path)
    if result.issues_count:
        return "found"
    if result.scan_err:
        return "error"
    if any(one.safety == SafetyLevel.Suspicious for one in result.globals):
        return "unsure"
    return "clean" if result.scanned_files else "unsure"


def modelscan(path):
    from modelscan.modelscan import ModelScan

    result = ModelScan().scan(path)
    if result["summary"]["total_issues"]:
        return "found"
    if result["errors"]:
        return "error"
    return "clean" if result["summary"]["scanned"]["total_scanned"] else "unsure"


def fickling(path):
    from fickling.analysis import Severity, check_safety
    from fickling.fickle import StackedPickle

    with open(path, "rb") as file:
        worst = max((check_safety(one).severity for one in StackedPickle.load(file)), default=None)
    if worst is None:
        return "unsure"
    return "found" if worst > Severity.LIKELY_SAFE else "clean"


def modelaudit(path):
    from modelaudit.core import scan_model_directory_or_file

    result = scan_model_directory_or_file(path)
    severities = {str(getattr(one.severity, "value", one.severity)) for one in result.issues}
    if severities & {"critical", "warning"}:
        return "found"
    if result.has_errors:
        return "error"
    return "clean" if result.files_scanned else "unsure"


def main():
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    scanner = globals()[sys.argv[1]]
    with open(sys.argv[2], encoding="utf-8") as file:
        paths = file.read().splitlines()
    out = os.fdopen(os.dup(1), "w")
    # Scanners talk; what they say is not their verdict.
    sys.stdout = sys.stderr = open(os.devnull, "w")
    for path in paths:
        try:
            verdict = scanner(path)
        except BaseException as error:  # a scanner that falls over has judged nothing
            verdict = "error"
            if isinstance(error, KeyboardInterrupt):
                raise
        print(json.dumps({"path": path, "verdict": verdict}), file=out, flush=True)


main()
