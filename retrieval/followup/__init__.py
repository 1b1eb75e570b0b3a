"""Follow-ups: what a question leaves to the questions and quotes before it.

``resolving`` is imported when a question has a history, and not before: its patterns take a while to build.
"""
