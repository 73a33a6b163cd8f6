"""Many debates from a file.

``items`` reads what they are about, ``orders`` says which debates that makes, ``holding`` holds them, ``scoring`` says
whether an answer is right; of the results an ``evaluation`` and a ``rating`` are made, and of these a ``report``.
"""
