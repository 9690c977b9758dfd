"""What is asked of language models, and how their answers are checked: one module a task.

Each has `order(...)`, which gives the TextOrder, and `read(document, ...)`, which gives a typed result or raises
InvalidValue naming what is wrong, so that the caller goes on with the next provider.
"""
