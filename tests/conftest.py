"""What holds for all tests."""

from hypothesis import settings

# How long something takes is for benchmarks: a busy machine fails no test.
settings.register_profile("crowdsafe", deadline=None)
settings.load_profile("crowdsafe")
