"""Pure rules in numpy and shapely: no I/O, no clock, no logging."""
