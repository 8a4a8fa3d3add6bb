"""Prints what a reader of JUnit XML finds in a file, as JSON."""

import json
import sys
import xml.etree.ElementTree as tree

root = tree.parse(sys.argv[1]).getroot()
(suite,) = root
print(
    json.dumps(
        {
            "root": root.tag,
            "counts": {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")},
            "sameCounts": all(root.get(name) == suite.get(name) for name in ("tests", "failures", "errors", "time")),
            "seconds": float(suite.get("time")),
            "properties": {one.get("name"): one.get("value") for one in suite.iter("property")},
            "cases": [
                {"name": case.get("name"), "is": case[0].tag, "text": case[0].text} for case in suite.iter("testcase")
            ],
            "account": (suite.findtext("system-out") or "").splitlines(),
        }
    )
)
