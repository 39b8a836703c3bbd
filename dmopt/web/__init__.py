"""The what-if page: a server for one machine or one office (docs/serving.md).

Requests only read and write small things; every solve, and the reading of every
uploaded file, runs in a process of its own with limits on memory and time (work.py).
What is wished is checked here, against the tables of an instance that passed.
"""
