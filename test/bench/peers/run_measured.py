"""Runs a command to its end; the last line says how long it took and how much memory its largest process had."""

import json
import resource
import subprocess
import sys
import time

began = time.monotonic()
ended = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL)
seconds = time.monotonic() - began
# In kilobytes, on Linux.
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print("\n" + json.dumps({"code": ended.returncode, "seconds": seconds, "peakMemoryMb": peak / 1024}))
