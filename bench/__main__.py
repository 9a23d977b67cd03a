"""Measure everything and write RESULTS.md: `make bench`."""

import json
import sys
import time

from bench.measure import Measurements, measure
from bench.report import write_report
from bench.servers import ROOT


RAW = ROOT / "build/bench/measurements.json"


def main() -> None:
    """Measure, or with `--report` write the report of the last measurement again."""
    if sys.argv[1:] == ["--report"]:
        measurements = Measurements.from_json(json.loads(RAW.read_text()))
    else:
        start = time.monotonic()
        measurements = measure()
        RAW.parent.mkdir(parents=True, exist_ok=True)
        RAW.write_text(json.dumps(measurements.as_json()))
        print(f"measured in {time.monotonic() - start:.0f} s")
    print(write_report(measurements))


if __name__ == "__main__":
    main()
