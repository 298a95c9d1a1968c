"""DOOR: the CloudAgent wire, answered to the letter. README.md beside this file is its spec."""
