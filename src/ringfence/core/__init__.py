"""Verbs: what every door calls, one file per noun.

A verb takes the store, then the account, then what it is about; it raises the errors of
`ringfence.errors` and knows no wire. Time is given to it.
"""
