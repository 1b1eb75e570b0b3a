"""How good the answers are, and how sure one can be of that.

A dataset of questions is asked of the engine, every reply becomes an outcome,
and measures with intervals are made from the outcomes; runs of two settings
are compared by paired tests. The engine itself is passed in as a callable, so
this package knows only the vocabulary and the settings.
"""
