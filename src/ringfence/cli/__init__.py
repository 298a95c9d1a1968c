"""DOOR: the `ringfence` command, one file per noun."""
